"""What other sensors saw: contacts from satellite radar, pictures, radio bearings, sensors on the sea bed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

SAR, OPTICAL, RF, SEABED, RADAR, OTHER = "sar", "optical", "rf", "seabed", "radar", "other"
SENSORS = (SAR, OPTICAL, RF, SEABED, RADAR, OTHER)


@dataclass(frozen=True)
class Contact:
    """One contact. ``error_m``: 95 % of the time it was within this of the place given.

    ``known_us``: when it came to be known (a satellite picture: hours later); not before ``time_us``.
    """

    contact_id: str
    time_us: int
    known_us: int
    lat_deg: float
    lon_deg: float
    error_m: float
    sensor: str = OTHER
    length_m: float | None = None
    confidence: float = 1.0

    def __post_init__(self) -> None:
        if self.known_us < self.time_us:
            raise ValueError(f"{self.contact_id}: known before it was there")


@dataclass(frozen=True)
class Contacts:
    """All contacts given."""

    contacts: tuple[Contact, ...] = ()

    def __len__(self) -> int:
        return len(self.contacts)

    @cached_property
    def in_order(self) -> tuple[Contact, ...]:
        """The contacts by the time at which they came to be known, then by id."""
        return tuple(sorted(self.contacts, key=lambda c: (c.known_us, c.contact_id)))


NO_CONTACTS = Contacts()
