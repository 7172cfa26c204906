"""What a ship says of herself, as it was known at a time."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

from seavigil.mid import country


@dataclass(frozen=True)
class Static:
    """What was known of a ship at a time; None: not known."""

    mmsi: int
    imo: int | None = None
    name: str | None = None
    callsign: str | None = None
    ship_type: int | None = None
    length_m: float | None = None
    beam_m: float | None = None
    draught_m: float | None = None
    destination: str | None = None
    eta: str | None = None
    transceiver: int | None = None

    @property
    def flag(self) -> str | None:
        """ISO 3166-1 alpha-2 code of the state whose digits the MMSI carries."""
        return country(self.mmsi)


class Statics(Protocol):
    """The history of static data of many ships."""

    def known(self, mmsi: int, at_us: int) -> Static:
        """Give what rows up to and including ``at_us`` told, field by field the latest value."""
        ...

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:
        """Give when each value of a field was first heard, up to ``until_us``, oldest first."""
        ...


class NoStatics:
    """Static data where none was heard."""

    def known(self, mmsi: int, at_us: int) -> Static:  # noqa: ARG002
        """Give nothing but the MMSI."""
        return Static(mmsi)

    def changes(self, mmsi: int, field: str, until_us: int) -> list[tuple[int, Any]]:  # noqa: ARG002
        """Give no value."""
        return []
