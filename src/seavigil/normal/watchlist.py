"""Ships somebody has put on a list, and how surely a ship heard is one of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import IntEnum

from seavigil.vessel import Static


class MatchedBy(IntEnum):
    """What a ship heard and a ship listed have in common, the surest last."""

    NAME = 1  #: a namesake: possible, no more
    NAME_AND_CALLSIGN = 2
    MMSI = 3
    IMO = 4


@dataclass(frozen=True)
class Listed:
    """One ship on a list. ``entry_id`` is the list's own, or its place in the file; ``reason`` as given."""

    entry_id: str
    source: str
    names: tuple[str, ...] = ()
    imo: int | None = None
    mmsis: tuple[int, ...] = ()
    callsigns: tuple[str, ...] = ()
    reason: str | None = None


@dataclass(frozen=True)
class Match:
    """The entry that a ship matches best, and by what."""

    entry: Listed
    by: MatchedBy


def plain(text: str) -> str:
    """Give a name or call sign without case, blanks and punctuation.

    >>> plain("M/T Eagle-S "), plain("eagle s")
    ('MTEAGLES', 'EAGLES')
    """
    return "".join(c for c in text.upper() if c.isalnum())


@dataclass(frozen=True)
class Watchlist:
    """All ships listed."""

    entries: tuple[Listed, ...] = ()
    _by: dict[tuple[str, int | str], list[Listed]] = field(default_factory=dict, compare=False, repr=False)

    def __post_init__(self) -> None:
        for entry in self.entries:
            for key in _keys(entry):
                self._by.setdefault(key, []).append(entry)

    def __len__(self) -> int:
        return len(self.entries)

    def match(self, ship: Static) -> Match | None:
        """Give the best match of what is known of a ship: by IMO number, MMSI, name and call sign, name.

        Where ship and entry both have an IMO number and they differ she is another ship, whatever else
        agrees: MMSIs and names go from ship to ship, IMO numbers stay with the hull.
        """
        for by, key in _tried(ship):
            for entry in self._by.get(key, ()):
                another = None not in (ship.imo, entry.imo) and ship.imo != entry.imo
                if not another and (by != MatchedBy.NAME_AND_CALLSIGN or _same_callsign(ship, entry)):
                    return Match(entry, by)
        return None


def _keys(entry: Listed) -> Iterable[tuple[str, int | str]]:
    if entry.imo is not None:
        yield "imo", entry.imo
    yield from (("mmsi", mmsi) for mmsi in entry.mmsis)
    yield from (("name", name) for name in dict.fromkeys(map(plain, entry.names)) if name)


def _tried(ship: Static) -> Iterable[tuple[MatchedBy, tuple[str, int | str]]]:
    if ship.imo is not None:
        yield MatchedBy.IMO, ("imo", ship.imo)
    yield MatchedBy.MMSI, ("mmsi", ship.mmsi)
    if ship.name and plain(ship.name):
        yield MatchedBy.NAME_AND_CALLSIGN, ("name", plain(ship.name))
        yield MatchedBy.NAME, ("name", plain(ship.name))


def _same_callsign(ship: Static, entry: Listed) -> bool:
    return bool(ship.callsign) and plain(ship.callsign or "") in map(plain, entry.callsigns)


NO_WATCHLIST = Watchlist()
