"""A fault: what an outage notice says of one break, and where along its asset; and notices taken back."""

from __future__ import annotations

from dataclasses import dataclass
from math import isfinite


@dataclass(frozen=True)
class Fault:
    """One notice of one outage. Raises ``ValueError`` that says which value makes no sense.

    ``at_us``: when it happened, known to within ``within_s`` to either side. ``km_along``: where, in
    kilometres from the first vertex of the asset's route, to within ``km_error``; None: not known.
    ``noticed_us``: when the notice came in, the data time from which on a watch may know of it.
    ``confidence``: how sure the source is that something was damaged then, 0 to 1. ``replaces``: id of
    the notice that this one corrects.
    """

    fault_id: str
    asset_id: str
    at_us: int
    noticed_us: int
    within_s: float = 60.0
    km_along: float | None = None
    km_error: float | None = None
    source: str | None = None
    confidence: float = 1.0
    replaces: str | None = None

    def __post_init__(self) -> None:
        if not (isfinite(self.within_s) and self.within_s >= 0):
            raise ValueError(f"within_s must be 0 or more, not {self.within_s}")
        for name in ("km_along", "km_error"):
            value = getattr(self, name)
            if value is not None and not (isfinite(value) and value >= 0):
                raise ValueError(f"{name} must be 0 or more, not {value}")
        if not 0.0 < self.confidence <= 1.0:
            raise ValueError(f"confidence must be above 0 and at most 1, not {self.confidence:g}")
        if self.replaces == self.fault_id:
            raise ValueError(f"{self.fault_id} cannot replace itself")


@dataclass(frozen=True)
class Withdrawal:
    """A notice is taken back: from ``noticed_us`` on it holds no more; None: it never held."""

    fault_id: str
    noticed_us: int | None = None


#: What an outage desk says.
Notice = Fault | Withdrawal
