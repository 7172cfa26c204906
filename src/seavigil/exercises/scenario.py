"""A scenario: what an exercise is made of, as somebody writes it down in TOML, and what is wrong with it."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from seavigil.exercises.incidents import INCIDENTS
from seavigil.exercises.ordinary import ROLES
from seavigil.exercises.sea import PORTS, stations
from seavigil.exercises.under_way import HISTORY_S
from seavigil.records import SECOND_US

HOURS_MOST = 48.0
SHIPS_MOST = 1000
#: A drag needs so many hours of its ship's own history before it.
HISTORY_H = int(HISTORY_S // 3600)

EXAMPLE = """\
# An exercise on the invented sea: what is left out is left to chance, or is not there.
name = "winter-night"             # the files are called after it
begin = 2030-01-14T18:00:00Z      # UTC
hours = 12.0                      # up to 48
seed = 1                          # the same seed gives the same bytes

[traffic]                         # ships by role; `seavigil exercise list` has all roles
cargo = 12
tanker = 5
ferry = 3
fishing = 3
yacht = 2

[weather]
gale = false                      # true: it blows hard at some time; leave out: as it comes

[radio]
range_share = 1.0                 # how far receivers hear, against ordinary days
clock_error_s = 0.5               # added to every receiver's own, by turns fast and slow
slips_per_100000 = 2.0            # reports with a wild position

[[outage]]                        # a receiver that hears nothing for a while
station = 3
from_h = 4.0
for_h = 0.5

[[jamming]]                       # GNSS lost, poor, or carried away within an area
near = "Exercise Eastport"        # a port of the sea
radius_km = 40.0
from_h = 9.0
for_h = 1.0

[[spoofing]]                      # one ship's set tells of a place where she is not
from_h = 6.0
for_h = 1.5

[[twin]]                          # a second ship under the number of the first
from_h = 5.0
for_h = 4.0

[[inject]]                        # a documented incident; `seavigil exercise list` has all kinds
kind = "eagle-s"
at_h = 6                          # when her anchor goes down: a whole hour, 6 or later
"""


@dataclass(frozen=True)
class Spell:
    """Something that lasts from ``from_h`` for ``for_h`` hours."""

    from_h: float
    for_h: float

    @property
    def began_s(self) -> float:
        """Give the second of the exercise at which it begins."""
        return self.from_h * 3600.0

    @property
    def ended_s(self) -> float:
        """Give the second at which it ends."""
        return (self.from_h + self.for_h) * 3600.0


@dataclass(frozen=True)
class Outage(Spell):
    """A receiver, by its number from 1, hears nothing."""

    station: int


@dataclass(frozen=True)
class Jammed(Spell):
    """GNSS is jammed round a port."""

    near: str
    radius_km: float


@dataclass(frozen=True)
class Injected:
    """An incident whose anchor goes down at a whole hour."""

    kind: str
    at_h: int


@dataclass(frozen=True)
class Scenario:
    """An exercise as asked for; ``traffic`` is ships by role."""

    name: str
    began_us: int
    hours: float
    seed: int
    traffic: Mapping[str, int]
    gale: bool | None
    range_share: float
    clock_error_s: float
    slips_per_100000: float
    outages: tuple[Outage, ...]
    jamming: tuple[Jammed, ...]
    spoofing: tuple[Spell, ...]
    twins: tuple[Spell, ...]
    injects: tuple[Injected, ...]


def read_scenario(text: str) -> Scenario:
    """Read a scenario from TOML.

    Raises ``ValueError`` that names the key, what was expected and what stands there.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ValueError(f"not TOML: {fault}") from fault
    top = _Table(raw, "")
    hours = top.number("hours", 0.1, HOURS_MOST, 12.0)
    traffic, weather, radio = (top.table(name) for name in ("traffic", "weather", "radio"))
    scenario = Scenario(
        name=top.text("name", "exercise", _is_name, "letters, digits, - and _, 40 at most"),
        began_us=top.moment("begin", "2030-01-14T00:00:00Z"),
        hours=hours,
        seed=int(top.number("seed", 0, 2**31 - 1, 1, whole=True)),
        traffic={r: int(traffic.number(r, 0, SHIPS_MOST, 0, whole=True)) for r in ROLES if r in traffic.raw},
        gale=weather.flag("gale"),
        range_share=radio.number("range_share", 0.1, 2.0, 1.0),
        clock_error_s=radio.number("clock_error_s", 0.0, 60.0, 0.0),
        slips_per_100000=radio.number("slips_per_100000", 0.0, 10_000.0, 0.0),
        outages=tuple(_outage(t, hours) for t in top.tables("outage")),
        jamming=tuple(_jammed(t, hours) for t in top.tables("jamming")),
        spoofing=tuple(_spell(t, hours) for t in top.tables("spoofing")),
        twins=tuple(_spell(t, hours) for t in top.tables("twin")),
        injects=tuple(_injected(t, hours) for t in top.tables("inject")),
    )
    for table in (top, traffic, weather, radio):
        table.done(tuple(ROLES) if table is traffic else ())
    return scenario


def _spell(table: _Table, hours: float) -> Spell:
    spell = Spell(*table.spell(hours))
    table.done()
    return spell


def _outage(table: _Table, hours: float) -> Outage:
    number = int(table.number("station", 1, len(stations()), whole=True))
    outage = Outage(*table.spell(hours), number)
    table.done()
    return outage


def _jammed(table: _Table, hours: float) -> Jammed:
    near = table.one_of("near", tuple(port.name for port in PORTS))
    jammed = Jammed(*table.spell(hours), near, table.number("radius_km", 1.0, 300.0, 40.0))
    table.done()
    return jammed


def _injected(table: _Table, hours: float) -> Injected:
    kind = table.one_of("kind", tuple(INCIDENTS))
    if hours < HISTORY_H:
        raise ValueError(f"hours: an [[inject]] needs {HISTORY_H} or more, found {hours:g}")
    at_h = table.number("at_h", HISTORY_H, int(hours), HISTORY_H, whole=True)
    table.done()
    return Injected(kind, int(at_h))


def _is_name(text: str) -> bool:
    return 1 <= len(text) <= 40 and text.isascii() and text.replace("-", "").replace("_", "").isalnum()


class _Table:
    """One table of the file: values are asked for by name, and what nobody asked for is a mistake."""

    def __init__(self, raw: Mapping[str, Any], where: str) -> None:
        self.raw, self._where = raw, where
        self._asked: set[str] = set()

    def number(
        self, name: str, least: float, most: float, default: float | None = None, *, whole: bool = False
    ) -> float:
        """Give a number between two others."""
        what = f"a {'whole ' if whole else ''}number from {least:g} to {most:g}"
        value = self._get(name, default, what)
        right = isinstance(value, int | float) and not isinstance(value, bool)
        if not right or not least <= value <= most or (whole and value != int(value)):
            raise self._wrong(name, what, value)
        return float(value)

    def text(self, name: str, default: str, fits: Callable[[str], bool], what: str) -> str:
        """Give a text that fits."""
        value = self._get(name, default, what)
        if not isinstance(value, str) or not fits(value):
            raise self._wrong(name, what, value)
        return value

    def one_of(self, name: str, names: tuple[str, ...]) -> str:
        """Give one of some words."""
        what = f"one of {', '.join(names)}"
        value = self._get(name, None, what)
        if value not in names:
            raise self._wrong(name, what, value)
        return str(value)

    def flag(self, name: str) -> bool | None:
        """Give true, false, or None where nothing is said."""
        value = self._get(name, "", "true or false")
        if value == "":
            return None
        if not isinstance(value, bool):
            raise self._wrong(name, "true or false", value)
        return value

    def moment(self, name: str, default: str) -> int:
        """Give a time in microseconds UTC, whole seconds; one without a zone is UTC."""
        value = self._get(name, datetime.fromisoformat(default), "")
        if not isinstance(value, datetime):
            raise self._wrong(name, "a time such as 2030-01-14T18:00:00Z, without quotes", value)
        zoned = value if value.tzinfo else value.replace(tzinfo=UTC)
        return int(zoned.timestamp()) * SECOND_US

    def spell(self, hours: float) -> tuple[float, float]:
        """Give when something begins and how long it lasts, within the exercise."""
        from_h = self.number("from_h", 0.0, hours)
        return from_h, self.number("for_h", 0.0, HOURS_MOST)

    def table(self, name: str) -> _Table:
        """Give a table, empty where there is none."""
        value = self._get(name, {}, f"a table [{name}]")
        if not isinstance(value, dict):
            raise self._wrong(name, f"a table [{name}]", value)
        return _Table(value, f"[{name}] ")

    def tables(self, name: str) -> list[_Table]:
        """Give the tables of one name."""
        value = self._get(name, [], f"tables [[{name}]]")
        if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
            raise self._wrong(name, f"tables [[{name}]]", value)
        return [_Table(one, f"[[{name}]] {number}, ") for number, one in enumerate(value, start=1)]

    def done(self, more: tuple[str, ...] = ()) -> None:
        """Raise ``ValueError`` for what nobody asked for."""
        known = self._asked | set(more)
        for name in self.raw:
            if name not in known:
                raise ValueError(f"{self._where}{name}: no such key; there are: {', '.join(sorted(known))}")

    def _get(self, name: str, default: Any, what: str) -> Any:
        self._asked.add(name)
        if name not in self.raw and default is None:
            raise ValueError(f"{self._where}{name} is missing: {what}")
        return self.raw.get(name, default)

    def _wrong(self, name: str, what: str, value: object) -> ValueError:
        return ValueError(f"{self._where}{name}: expected {what}, found {value!r}")
