"""CQL2 text (OGC 21-065r2) as a tree: what a filter says, not yet what it means here.

Written by hand from the standard's grammar: each fault names its place, and nothing that a filter can say
makes the reader's own work grow beyond its length. Of the standard there is no arithmetic, no ACCENTI and no
function of a server's own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NoReturn, TypeVar

import shapely
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from seavigil.api.cql2_tree import (
    Array,
    Call,
    FilterFault,
    Instant,
    Interval,
    Literal,
    Node,
    Property,
    Shape,
)
from seavigil.records import DAY_US, parse_time_us

#: Longer filters are refused (own choice: a polygon of some 200 corners fits).
MOST_CHARACTERS = 4_096
#: Brackets and NOTs one within another (own choice: nobody reads more).
MOST_DEPTH = 32

SPATIAL = ("INTERSECTS", "EQUALS", "DISJOINT", "TOUCHES", "WITHIN", "OVERLAPS", "CROSSES", "CONTAINS")
TEMPORAL = (
    *("AFTER", "BEFORE", "CONTAINS", "DISJOINT", "DURING", "EQUALS", "FINISHEDBY", "FINISHES"),
    *("INTERSECTS", "MEETS", "METBY", "OVERLAPPEDBY", "OVERLAPS", "STARTEDBY", "STARTS"),
)
ARRAY = ("EQUALS", "CONTAINS", "CONTAINEDBY", "OVERLAPS")
FUNCTIONS = frozenset(
    [f"S_{name}" for name in SPATIAL] + [f"T_{name}" for name in TEMPORAL] + [f"A_{name}" for name in ARRAY]
)
_SHAPES = frozenset(
    ["POINT", "LINESTRING", "POLYGON", "MULTIPOINT", "MULTILINESTRING", "MULTIPOLYGON", "GEOMETRYCOLLECTION"]
)
_COMPARED = frozenset(["=", "<>", "<", ">", "<=", ">="])
_CONTROL = {"a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r"}

_TOKEN = re.compile(
    r"""\s*(?:
      (?P<text>'(?:[^'\\]|''|\\.)*')
    | (?P<name>[:_A-Za-z\u00C0-\u02FF\u0370-\uFFFD][:.\w]*)
    | "(?P<quoted>[^"]+)"
    | (?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)
    | (?P<sign><>|<=|>=|[=<>(),\[\]])
    )""",
    re.VERBOSE | re.DOTALL,
)


T = TypeVar("T")


@dataclass(frozen=True)
class _Token:
    kind: str  # text, name, quoted, number, sign, end
    text: str
    at: int
    end: int

    def is_(self, *words: str) -> bool:
        """Tell whether it is one of these keywords or signs."""
        return self.kind in ("name", "sign") and self.text.upper() in words


def read_filter(text: str) -> Node:
    """Give the tree of a filter. Raises `FilterFault`."""
    if len(text) > MOST_CHARACTERS:
        raise FilterFault(MOST_CHARACTERS, f"at most {MOST_CHARACTERS:,} characters")
    return _Reader(text).whole()


class _Reader:
    """Reads from left to right, each rule of the grammar a method."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._depth = 0
        self._now = self._token(0)

    def whole(self) -> Node:
        found = self._either()
        if self._now.kind != "end":
            self._wants("AND, OR or the end")
        return found

    # --- tokens ---------------------------------------------------------------------------------

    def _token(self, begin: int) -> _Token:
        found = _TOKEN.match(self._text, begin)
        if found is None:
            rest = self._text[begin:]
            at = begin + len(rest) - len(rest.lstrip())
            if not rest.strip():
                return _Token("end", "", len(self._text), len(self._text))
            if rest.lstrip().startswith("'"):
                raise FilterFault(at, "a text that does not end: write '' for ' within it")
            raise FilterFault(at, f"{self._text[at]!r} does not belong here")
        kind = found.lastgroup or ""
        return _Token(kind, found[kind], found.start(kind), found.end())

    def _next(self) -> _Token:
        was, self._now = self._now, self._token(self._now.end)
        return was

    def _take(self, *words: str) -> bool:
        if self._now.is_(*words):
            self._next()
            return True
        return False

    def _need(self, word: str) -> None:
        if not self._take(word):
            self._wants(repr(word))

    def _wants(self, what: str) -> NoReturn:
        found = self._now.text[:40] or "the end"
        raise FilterFault(self._now.at, f"{what} expected, not {found!r}")

    def _deeper(self, read: Callable[[], T]) -> T:
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise FilterFault(self._now.at, f"more than {MOST_DEPTH} brackets one within another")
        found = read()
        self._depth -= 1
        return found

    # --- truth ----------------------------------------------------------------------------------

    def _either(self) -> Node:
        return self._joined("OR", lambda: self._joined("AND", self._factor))

    def _joined(self, word: str, part: Callable[[], Node]) -> Node:
        at, parts = self._now.at, [part()]
        while self._take(word):
            parts.append(part())
        return parts[0] if len(parts) == 1 else Call(word, tuple(parts), at)

    def _factor(self) -> Node:
        at = self._now.at
        if self._take("NOT"):
            return Call("NOT", (self._deeper(self._factor),), at)
        return self._predicate()

    def _predicate(self) -> Node:
        if self._now.kind == "name" and self._now.text.upper() in FUNCTIONS:
            return self._function()
        left, at = self._side(), self._now.at
        if self._now.kind == "sign" and self._now.text in _COMPARED:
            return Call(self._next().text, (left, self._side()), at)
        if self._take("IS"):
            return self._unless(self._take("NOT"), Call("NULL", (left,), at), word="NULL")
        negated = self._take("NOT")
        if self._take("LIKE"):
            return self._unless(negated, Call("LIKE", (left, self._side()), at))
        if self._take("BETWEEN"):
            low = self._side()
            self._need("AND")
            return self._unless(negated, Call("BETWEEN", (left, low, self._side()), at))
        if self._take("IN"):
            return self._unless(negated, Call("IN", (left, *self._list(self._side)), at))
        if negated:
            self._wants("LIKE, BETWEEN or IN")
        return left

    def _unless(self, negated: bool, call: Call, word: str = "") -> Node:
        if word:
            self._need(word)
        return Call("NOT", (call,), call.at) if negated else call

    def _function(self) -> Node:
        name = self._next()
        self._need("(")
        read = self._array if name.text.upper().startswith("A_") else self._side
        left = read()
        self._need(",")
        right = read()
        self._need(")")
        return Call(name.text.upper(), (left, right), name.at)

    # --- values ---------------------------------------------------------------------------------

    def _side(self) -> Node:
        if self._take("("):
            found = self._deeper(self._either)
            self._need(")")
            return found
        token = self._now
        if token.kind == "text":
            return _text(self._next())
        if token.kind == "number":
            return Literal(_number(self._next()), token.at)
        if token.kind == "quoted":
            return Property(self._next().text, token.at)
        if token.kind != "name":
            self._wants("a property or a value")
        return self._named()

    def _named(self) -> Node:
        """Read what begins with a word: a keyword with its brackets, or a property."""
        token, word = self._now, self._now.text.upper()
        if word in ("TRUE", "FALSE"):
            self._next()
            return Literal(word == "TRUE", token.at)
        if word in ("DATE", "TIMESTAMP", "INTERVAL", "CASEI", "BBOX") or word in _SHAPES:
            return self._deeper(lambda: self._keyword(word))
        if word in ("AND", "OR", "NOT", "LIKE", "IN", "IS", "NULL", "BETWEEN") or word in FUNCTIONS:
            self._wants("a property or a value")
        self._next()
        if self._now.is_("("):
            raise FilterFault(token.at, f"there is no function {token.text[:40]!r}")
        return Property(token.text, token.at)

    def _keyword(self, word: str) -> Node:
        if word in _SHAPES:
            return self._shape()
        token = self._next()
        if word == "BBOX":
            corners = self._list(self._corner)
            return Shape(_checked(box_shape(corners, token.at), token.at), token.at)
        self._need("(")
        found: Node
        if word == "CASEI":
            found = Call(word, (self._side(),), token.at)
        elif word == "INTERVAL":
            begin = self._end_of_interval()
            self._need(",")
            found = Interval(begin, self._end_of_interval(), token.at)
        else:
            found = _instant(self._quoted("a time"), token.at, day=word == "DATE")
        self._need(")")
        return found

    def _end_of_interval(self) -> Property | Instant | None:
        token = self._now
        if token.kind == "text":
            text = str(_text(self._next()).value)
            return None if text == ".." else _instant(text, token.at, day=None)
        if token.is_("DATE", "TIMESTAMP"):
            found = self._deeper(lambda: self._keyword(token.text.upper()))
            assert isinstance(found, Instant)
            return found
        if token.kind not in ("name", "quoted"):
            self._wants("a time, '..' or a property")
        return Property(self._next().text, token.at)

    def _shape(self) -> Node:
        """Read a geometry: its own words end with the bracket that its first one opens."""
        token = self._next()
        begin, depth = token.at, 0
        while True:
            if self._now.kind == "end":
                self._wants("')'")
            depth += {"(": 1, ")": -1}.get(self._now.text, 0)
            if self._next().text == ")" and depth <= 0:
                break
        end = self._text.rindex(")", begin, self._now.at if self._now.kind != "end" else None) + 1
        try:
            geometry = shapely.from_wkt(self._text[begin:end])
        except (ShapelyError, ValueError) as fault:
            raise FilterFault(begin, f"no geometry in well-known text: {str(fault)[:200]}") from fault
        return Shape(_checked(geometry, begin), begin)

    def _corner(self) -> float:
        if self._now.kind != "number":
            self._wants("a number")
        return _number(self._next())

    def _quoted(self, what: str) -> str:
        if self._now.kind != "text":
            self._wants(f"{what} in quotes")
        return str(_text(self._next()).value)

    def _list(self, item: Callable[[], T], opened: str = "(", closed: str = ")") -> list[T]:
        self._need(opened)
        found = [item()]
        while self._take(","):
            found.append(item())
        self._need(closed)
        return found

    def _array(self) -> Node:
        """Read an array, in round brackets, or square ones as drafts of the standard had it; a property."""
        at, closed = self._now.at, {"(": ")", "[": "]"}.get(self._now.text)
        if closed is None or self._now.kind != "sign":
            return self._side()
        opened = self._now.text
        if self._token(self._now.end).is_(closed):
            self._next()
            self._next()
            return Array((), at)
        return Array(tuple(self._deeper(lambda: self._list(self._side, opened, closed))), at)


def _text(token: _Token) -> Literal:
    """Give a text as it is meant: '' and what follows a backslash stand for themselves."""
    found: list[tuple[str, bool]] = []
    inside = iter(token.text[1:-1])
    for character in inside:
        if character == "\\":
            escaped = next(inside)
            found.append((_CONTROL.get(escaped, escaped), True))
        else:
            found.append((character, False))
            if character == "'":
                next(inside)
    return Literal("".join(c for c, _ in found), token.at, tuple(e for _, e in found))


def _number(token: _Token) -> float:
    value = float(token.text)
    if value in (float("inf"), float("-inf")):
        raise FilterFault(token.at, f"{token.text[:40]} is too large a number")
    return value


def _instant(text: str, at: int, *, day: bool | None) -> Instant:
    """Read a date (``day``), a timestamp, or either of them where ``day`` is None."""
    is_day = re.fullmatch(r"\d{4}-\d\d-\d\d", text, re.ASCII) is not None
    if day is not None and is_day is not day:
        wanted = "2024-12-25" if day else "2024-12-25T10:26:00Z"
        raise FilterFault(at, f"{text[:40]!r}: write '{wanted}'")
    try:
        if is_day:
            return Instant((date.fromisoformat(text) - date(1970, 1, 1)).days * DAY_US, at, day=True)
        if re.fullmatch(r".*(Z|[+-]\d\d:\d\d)", text.upper(), re.DOTALL) is None:
            raise ValueError(f"{text[:40]!r} says no zone; write 2024-12-25T10:26:00Z")
        return Instant(parse_time_us(text), at)
    except (ValueError, OverflowError) as fault:
        raise FilterFault(at, str(fault)[:200]) from fault


def box_shape(corners: Sequence[float], at: int) -> BaseGeometry:
    """Give the box of four corners, or of six without their heights; over the antimeridian it is two."""
    if len(corners) not in (4, 6):
        raise FilterFault(at, "a box has four numbers: west, south, east, north; six with heights")
    half = len(corners) // 2
    west, south, east, north = (*corners[:2], *corners[half : half + 2])
    if south > north:
        raise FilterFault(at, "a box's south is not above its north")
    if west <= east:
        return _box(west, south, east, north)
    halves = (_box(west, south, 180.0, north), _box(-180.0, south, east, north))
    whole = all(half.geom_type == "Polygon" for half in halves)
    return shapely.multipolygons(halves) if whole else shapely.geometrycollections(halves)


def _box(west: float, south: float, east: float, north: float) -> BaseGeometry:
    """Give a box; one without a width or a height is a line or a point."""
    if west == east or south == north:
        line = shapely.linestrings([(west, south), (east, north)])
        return shapely.points(west, south) if (west, south) == (east, north) else line
    return shapely.box(west, south, east, north)


def _checked(geometry: BaseGeometry, at: int) -> BaseGeometry:
    """Give a geometry that can be asked about; raises `FilterFault` for any other."""
    corners = shapely.get_coordinates(geometry)
    if geometry is None or geometry.is_empty or not len(corners):
        raise FilterFault(at, "a geometry without a place")
    lon, lat = abs(corners).max(axis=0)
    if not (lon <= 180.0 and lat <= 90.0):  # not a number is neither
        raise FilterFault(at, "longitudes lie between -180 and 180, latitudes between -90 and 90")
    flat: BaseGeometry = shapely.force_2d(geometry)
    if not flat.is_valid:
        raise FilterFault(at, f"no sound geometry: {shapely.is_valid_reason(flat)}")
    return flat
