"""What a CQL2 filter means for rows of known fields: each is true of it, false, or not known.

A filter may name only the fields of a collection; what does not fit together is a fault when it is read, not
an empty answer. Where a field is missing in a row a comparison is neither true nor false (OGC 21-065r2, 6.6),
and rows are given only for what is true.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any

import shapely
from shapely.errors import ShapelyError

from seavigil.api import cql2_tree as cql2
from seavigil.api.cql2_tree import FilterFault, Node
from seavigil.records import DAY_US, END_OF_DATA_US, NEVER_US
from seavigil.spelling import nearest

#: What a field may hold: text, number, truth, time (int64 microseconds UTC), place (a shapely geometry),
#: texts (several).
KINDS = ("text", "number", "truth", "time", "place", "texts")
Row = Mapping[str, Any]
Value = Callable[[Row], Any]
Truth = Callable[[Row], bool | None]
Span = tuple[int, int]

_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "<>": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "<=": operator.le,
    ">=": operator.ge,
}
_PLACES: Mapping[str, Callable[[Any, Any], Any]] = {
    "S_INTERSECTS": shapely.intersects,
    "S_EQUALS": shapely.equals,
    "S_DISJOINT": shapely.disjoint,
    "S_TOUCHES": shapely.touches,
    "S_WITHIN": shapely.within,
    "S_OVERLAPS": shapely.overlaps,
    "S_CROSSES": shapely.crosses,
    "S_CONTAINS": shapely.contains,
}
#: By beginning and end of both, as OGC 21-065r2 has them in clause 6.10 (after Allen, 1983).
_TIMES: Mapping[str, Callable[[Span, Span], bool]] = {
    "T_AFTER": lambda a, b: a[0] > b[1],
    "T_BEFORE": lambda a, b: a[1] < b[0],
    "T_CONTAINS": lambda a, b: a[0] < b[0] and a[1] > b[1],
    "T_DISJOINT": lambda a, b: a[1] < b[0] or a[0] > b[1],
    "T_DURING": lambda a, b: a[0] > b[0] and a[1] < b[1],
    "T_EQUALS": operator.eq,
    "T_FINISHEDBY": lambda a, b: a[0] < b[0] and a[1] == b[1],
    "T_FINISHES": lambda a, b: a[0] > b[0] and a[1] == b[1],
    "T_INTERSECTS": lambda a, b: a[0] <= b[1] and a[1] >= b[0],
    "T_MEETS": lambda a, b: a[1] == b[0],
    "T_METBY": lambda a, b: a[0] == b[1],
    "T_OVERLAPPEDBY": lambda a, b: b[0] < a[0] < b[1] and a[1] > b[1],
    "T_OVERLAPS": lambda a, b: a[0] < b[0] < a[1] and a[1] < b[1],
    "T_STARTEDBY": lambda a, b: a[0] == b[0] and a[1] > b[1],
    "T_STARTS": lambda a, b: a[0] == b[0] and a[1] < b[1],
}
_SETS: Mapping[str, Callable[[Any, Any], bool]] = {
    "A_EQUALS": operator.eq,
    "A_CONTAINS": operator.ge,
    "A_CONTAINEDBY": operator.le,
    "A_OVERLAPS": lambda a, b: not a.isdisjoint(b),
}
_ORDERED = ("text", "number", "time")


def truth_of(tree: Node, fields: Mapping[str, str]) -> Truth:
    """Give what a filter says of a row. ``fields``: the kind of each field by its name.

    Raises `FilterFault` for a field that there is not, and for what cannot be compared.
    """
    kind, value = _of(tree, fields)
    if kind != "truth":
        raise FilterFault(tree.at, f"this is a {kind}: it is neither true nor false")
    return value


def fields_of(tree: Node) -> set[str]:
    """Give the names of the fields that a filter asks about."""
    if isinstance(tree, cql2.Property):
        return {tree.name}
    inner: tuple[Node | None, ...] = ()
    if isinstance(tree, cql2.Call):
        inner = tree.of
    elif isinstance(tree, cql2.Array):
        inner = tree.items
    elif isinstance(tree, cql2.Interval):
        inner = (tree.begin, tree.end)
    return {name for one in inner if one is not None for name in fields_of(one)}


def _of(node: Node, fields: Mapping[str, str]) -> tuple[str, Value]:
    """Give the kind of what a node gives, and what it gives of a row."""
    if isinstance(node, cql2.Call):
        return _call(node, fields)
    if isinstance(node, cql2.Property):
        return _kind(node, fields), operator.methodcaller("get", node.name)
    if isinstance(node, cql2.Literal):
        return _kind_of_literal(node), _always(node.value)
    if isinstance(node, cql2.Instant):
        return "time", _always(node.time_us)
    if isinstance(node, cql2.Shape):
        shapely.prepare(node.geometry)
        return "place", _always(node.geometry)
    if isinstance(node, cql2.Array):
        return "texts", _items(node, fields)
    raise FilterFault(node.at, "an interval is compared by T_ functions alone")


def _always(value: Any) -> Value:
    return lambda row: value


def _kind(node: cql2.Property, fields: Mapping[str, str]) -> str:
    if node.name not in fields:
        hint = nearest(node.name[:60], sorted(fields))
        raise FilterFault(node.at, f"there is no field {node.name[:60]!r}{hint}")
    return fields[node.name]


def _kind_of_literal(node: cql2.Literal) -> str:
    if isinstance(node.value, bool):
        return "truth"
    return "text" if isinstance(node.value, str) else "number"


def _items(node: cql2.Array, fields: Mapping[str, str]) -> Value:
    found = [_of(item, fields) for item in node.items]
    for item, (kind, _) in zip(node.items, found, strict=True):
        if kind != "text":
            raise FilterFault(item.at, f"the lists here hold texts, not a {kind}")
    return lambda row: [value(row) for _, value in found]


def _call(node: cql2.Call, fields: Mapping[str, str]) -> tuple[str, Value]:
    what = node.what
    if what in ("AND", "OR", "NOT"):
        return "truth", _logic(what, [truth_of(part, fields) for part in node.of])
    if what.startswith("T_"):
        return "truth", _known(_TIMES[what], [_span(part, fields) for part in node.of])
    parts = [_of(part, fields) for part in node.of]
    kinds, values = [kind for kind, _ in parts], [value for _, value in parts]
    if what == "CASEI":
        _need(node, kinds, ("text",))
        return "text", _known(str.casefold, values)
    if what == "NULL":
        return "truth", lambda row: values[0](row) is None
    if what.startswith("S_"):
        _need(node, kinds, ("place",))
        return "truth", _known(_place(node), values)
    if what.startswith("A_"):
        _need(node, kinds, ("texts",))
        among = _SETS[what]
        return "truth", _known(lambda a, b: among(frozenset(a), frozenset(b)), values)
    return "truth", _comparison(node, kinds, values)


def _place(node: cql2.Call) -> Callable[[Any, Any], bool]:
    judge = _PLACES[node.what]

    def value(a: Any, b: Any) -> bool:
        try:
            return bool(judge(a, b))
        except ShapelyError as fault:  # older libraries cannot ask everything of a collection
            raise FilterFault(node.at, f"{node.what} cannot be asked of these: {str(fault)[:100]}") from fault

    return value


def _comparison(node: cql2.Call, kinds: list[str], values: list[Value]) -> Truth:
    what = node.what
    if what == "LIKE":
        _need(node, kinds, ("text",))
        return _like(node, values[0])
    _need(node, kinds, _ORDERED if what == "BETWEEN" else (*_ORDERED, "truth"))
    if what == "IN":
        return _among(values)
    if what == "BETWEEN":
        return _known(lambda a, low, high: low <= a <= high, values)
    if kinds[0] == "truth" and what not in ("=", "<>"):
        raise FilterFault(node.at, "true and false are equal or not, neither is less")
    return _known(_COMPARE[what], values)


def _need(node: cql2.Call, kinds: list[str], wanted: tuple[str, ...]) -> None:
    if kinds[0] not in wanted:
        raise FilterFault(node.of[0].at, f"{node.what} asks about {' or '.join(wanted)}, not a {kinds[0]}")
    for part, kind in zip(node.of, kinds, strict=True):
        if kind != kinds[0]:
            raise FilterFault(part.at, f"this is a {kind}, it cannot be compared with a {kinds[0]}")


def _known(judge: Callable[..., Any], values: list[Value]) -> Value:
    """Judge what is there; of what is missing nothing is known."""

    def value(row: Row) -> Any:
        found = [one(row) for one in values]
        return None if any(one is None for one in found) else judge(*found)

    return value


def _logic(what: str, parts: list[Truth]) -> Truth:
    if what == "NOT":
        return lambda row: None if (found := parts[0](row)) is None else not found
    decides = what == "OR"  # one true decides an OR, one false an AND; else what is not known stays so

    def value(row: Row) -> bool | None:
        unknown = False
        for part in parts:
            found = part(row)
            if found is decides:
                return decides
            unknown = unknown or found is None
        return None if unknown else not decides

    return value


def _among(values: list[Value]) -> Truth:
    def value(row: Row) -> bool | None:
        wanted, *found = (one(row) for one in values)
        if wanted is None:
            return None
        return True if wanted in found else (None if None in found else False)

    return value


def _span(node: Node, fields: Mapping[str, str]) -> Callable[[Row], Span | None]:
    """Give from when to when something lasts; a day lasts until the next, an open end for good."""
    if isinstance(node, cql2.Instant):
        span = (node.time_us, node.time_us + (DAY_US - 1 if node.day else 0))
        return _always(span)
    if isinstance(node, cql2.Interval):
        return _interval(node, fields)
    kind, value = _of(node, fields)
    if kind != "time":
        raise FilterFault(node.at, f"this is a {kind}, no time")
    return lambda row: None if (at := value(row)) is None else (at, at)


def _interval(node: cql2.Interval, fields: Mapping[str, str]) -> Callable[[Row], Span | None]:
    begin = _always((NEVER_US, NEVER_US)) if node.begin is None else _span(node.begin, fields)
    end = _always((END_OF_DATA_US, END_OF_DATA_US)) if node.end is None else _span(node.end, fields)
    both = (node.begin, node.end)
    first_us, last_us = (one.time_us if isinstance(one, cql2.Instant) else None for one in both)
    if first_us is not None and last_us is not None and first_us > last_us:
        raise FilterFault(node.at, "an interval ends no earlier than it begins")

    def value(row: Row) -> Span:
        first, last = begin(row), end(row)
        return (NEVER_US if first is None else first[0], END_OF_DATA_US if last is None else last[1])

    return value


def _like(node: cql2.Call, text: Value) -> Truth:
    pattern, folds = node.of[1], False
    while isinstance(pattern, cql2.Call) and pattern.what == "CASEI":
        pattern, folds = pattern.of[0], True
    if not isinstance(pattern, cql2.Literal) or not isinstance(pattern.value, str):
        raise FilterFault(node.of[1].at, "LIKE takes a pattern in quotes")
    wanted: list[tuple[str, str]] = []
    for character, escaped in zip(pattern.value, pattern.escaped, strict=True):
        if character in "%_" and not escaped:
            wanted.append(("", character))
        else:
            wanted += [(one, one) for one in (character.casefold() if folds else character)]
    return _known(lambda found: matches(found, wanted), [text])


def matches(text: str, pattern: list[tuple[str, str]]) -> bool:
    """Tell whether a text fits a pattern of (character, sign): without a character the sign is % or _.

    The work is at most the product of both lengths, whatever the pattern.

    >>> matches("EAGLE S", [("E", "E"), ("", "%"), ("", "_")]), matches("E", [("E", "E"), ("", "_")])
    (True, False)
    """
    at, seek, star, mark = 0, 0, -1, 0
    while at < len(text):
        if seek < len(pattern) and pattern[seek] == ("", "%"):
            star, mark = seek, at
            seek += 1
        elif seek < len(pattern) and (pattern[seek] == ("", "_") or pattern[seek][0] == text[at]):
            at, seek = at + 1, seek + 1
        elif star >= 0:
            mark += 1
            at, seek = mark, star + 1
        else:
            return False
    return all(one == ("", "%") for one in pattern[seek:])
