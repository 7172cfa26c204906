"""How many of the contacts given were held against the ships heard, and how many could not be."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from seavigil.normal.contacts import NO_CONTACTS, Contacts
from seavigil.normal.coverage import Coverage
from seavigil.records import NEVER_US


@dataclass
class ContactsJudged:
    """Counts along with `unmatched_detection`: a contact is judged once the bin after its own has closed.

    ``wanted``: whether that behaviour is in the catalogue at all.
    """

    contacts: Contacts = NO_CONTACTS
    wanted: bool = True
    judged: int = 0
    _until_us: int = NEVER_US

    def add(self, coverage: Coverage) -> None:
        """Count those that the bins closed since the last call decide."""
        if not self.wanted or len(coverage.starts_us) < 2:
            return
        from_us, until_us = max(self._until_us, int(coverage.starts_us[0])), int(coverage.starts_us[-1])
        times_us = self._times_us[(self._times_us >= from_us) & (self._times_us < until_us)]
        begins_us = coverage.starts_us[np.searchsorted(coverage.starts_us, times_us, side="right") - 1]
        self.judged += int((times_us < begins_us + coverage.bin_us).sum())  # the rest: the feed was silent
        self._until_us = max(until_us, from_us)

    def as_json(self, began_us: int | None, ended_us: int | None) -> dict[str, int]:
        """Give the counts for reports that began and ended then."""
        given, late = len(self.contacts), 0
        if began_us is not None and ended_us is not None and self.wanted:
            since_us = max(self._until_us, began_us)
            late = int(((self._times_us >= since_us) & (self._times_us <= ended_us)).sum())
        others = given - self.judged - late if self.wanted else 0
        return {"given": given, "judged": self.judged, "too_late": late, "at_other_times": others}

    @cached_property
    def _times_us(self) -> NDArray[np.int64]:
        return np.array([c.time_us for c in self.contacts.contacts], dtype=np.int64)
