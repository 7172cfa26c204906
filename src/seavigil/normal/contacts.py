"""What other sensors saw: contacts from satellite radar, pictures, radio bearings, sensors on the sea bed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

SAR, OPTICAL, RF, SEABED, RADAR, OTHER = "sar", "optical", "rf", "seabed", "radar", "other"
SENSORS = (SAR, OPTICAL, RF, SEABED, RADAR, OTHER)


@dataclass(frozen=True)
class Contact:
    """One contact. ``error_m``: 95 % of the time it was within this of the place given.

    ``length_m``: of what was seen, where the sensor tells. ``confidence``: 0..1, that it was anything.
    """

    contact_id: str
    time_us: int
    lat_deg: float
    lon_deg: float
    error_m: float
    sensor: str = OTHER
    length_m: float | None = None
    confidence: float | None = None


@dataclass(frozen=True)
class Contacts:
    """All contacts given."""

    contacts: tuple[Contact, ...] = ()

    def __len__(self) -> int:
        return len(self.contacts)

    @cached_property
    def in_order(self) -> tuple[Contact, ...]:
        """The contacts in order of time, then of id."""
        return tuple(sorted(self.contacts, key=lambda c: (c.time_us, c.contact_id)))


NO_CONTACTS = Contacts()
