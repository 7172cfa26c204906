"""Filters in CQL2 text (OGC 21-065r2): read as the standard has them, refused with the place of the fault."""

from __future__ import annotations

import re
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from seavigil.api.cql2 import MOST_CHARACTERS, MOST_DEPTH, TEMPORAL, read_filter
from seavigil.api.cql2_tree import FilterFault
from seavigil.api.ogc_filter import KINDS, matches, truth_of
from seavigil.records import parse_time_us

FIELDS = {
    "a": "number",
    "b": "number",
    "name": "text",
    "tested": "truth",
    "began": "time",
    "ended": "time",
    "kinds": "texts",
    "geometry": "place",
    "kind": "text",
}


def row(**given: Any) -> dict[str, Any]:
    """Give a row with these fields, the others missing."""
    return dict.fromkeys(FIELDS) | given


def says(text: str, **given: Any) -> bool | None:
    """Ask a filter about a row."""
    return truth_of(read_filter(text), FIELDS)(row(**given))


NOON = parse_time_us("2024-12-25T12:00:00Z")
ONE = parse_time_us("2024-12-25T13:00:00Z")


@pytest.mark.parametrize(
    ("text", "given", "expected"),
    [
        ("a = 1", {"a": 1}, True),
        ("a <> 1", {"a": 1}, False),
        ("a >= -1.5e1", {"a": -15}, True),
        ("1 < a", {"a": 2}, True),
        ("a = b", {"a": 2, "b": 2.0}, True),
        ("tested", {"tested": True}, True),
        ("tested = FALSE", {"tested": True}, False),
        ("(a = 1) = (b = 2)", {"a": 0, "b": 0}, True),
        ("name = 'O''Brien'", {"name": "O'Brien"}, True),
        (r"name = 'O\'Brien'", {"name": "O'Brien"}, True),
        (r"name = 'a\tb'", {"name": "a\tb"}, True),
        ("\"name\" = 'x'", {"name": "x"}, True),
        ("name LIKE 'EAGLE%'", {"name": "EAGLE S"}, True),
        ("name LIKE 'eagle%'", {"name": "EAGLE S"}, False),
        ("CASEI(name) LIKE CASEI('eagle%')", {"name": "EAGLE S"}, True),
        ("CASEI(name) = CASEI('STRASSE')", {"name": "Straße"}, True),
        ("name LIKE '_B'", {"name": "AB"}, True),
        (r"name LIKE '50\%'", {"name": "50 knots"}, False),
        (r"name LIKE '50\%'", {"name": "50%"}, True),
        ("name NOT LIKE 'A%'", {"name": "BETA"}, True),
        ("a BETWEEN 1 AND 3", {"a": 3}, True),
        ("a NOT BETWEEN 1 AND 3", {"a": 4}, True),
        ("a IN (1, 2, 3)", {"a": 2}, True),
        ("name NOT IN ('x', 'y')", {"name": "z"}, True),
        ("a IS NULL", {}, True),
        ("a IS NOT NULL", {"a": 0}, True),
        ("geometry IS NULL", {}, True),
        ("began = TIMESTAMP('2024-12-25T12:00:00Z')", {"began": NOON}, True),
        ("began > DATE('2024-12-25')", {"began": NOON}, True),
        ("T_DURING(began, DATE('2024-12-25'))", {"began": NOON}, True),
        ("T_AFTER(began, DATE('2024-12-25'))", {"began": NOON}, False),
        ("t_before(began, timestamp('2024-12-25T14:00:00+01:00'))", {"began": NOON}, True),
        (
            "T_INTERSECTS(INTERVAL(began, ended), INTERVAL('2024-12-25T13:00:00Z', '..'))",
            {"began": NOON},
            True,
        ),
        ("T_MEETS(INTERVAL(began, ended), DATE('2024-12-26'))", {"began": NOON, "ended": ONE}, False),
        ("A_CONTAINS(kinds, ('x'))", {"kinds": ["x", "y"]}, True),
        ("A_EQUALS(kinds, ['y', 'x'])", {"kinds": ["x", "y"]}, True),
        ("A_CONTAINEDBY(kinds, ('x', 'y', 'z'))", {"kinds": ["x", "y"]}, True),
        ("A_OVERLAPS(kinds, ('z'))", {"kinds": ["x", "y"]}, False),
        ("A_OVERLAPS(kinds, ())", {"kinds": ["x"]}, False),
        ("S_INTERSECTS(geometry, POINT(25 60))", {"geometry": shapely.box(24, 59, 26, 61)}, True),
        ("S_WITHIN(geometry, BBOX(24, 59, 26, 61))", {"geometry": shapely.Point(25, 60)}, True),
        ("S_WITHIN(geometry, BBOX(24, 59, 0, 26, 61, 9))", {"geometry": shapely.Point(25, 60)}, True),
        ("S_INTERSECTS(BBOX(170, -20, -170, -10), geometry)", {"geometry": shapely.Point(-179, -17)}, True),
        ("S_INTERSECTS(BBOX(170, -20, -170, -10), geometry)", {"geometry": shapely.Point(0, -17)}, False),
        ("S_DISJOINT(geometry, LINESTRING(0 0, 1 1))", {"geometry": shapely.Point(2, 2)}, True),
        ("a = 1\n  AND\tb = 2", {"a": 1, "b": 2}, True),
        ("not a = 1", {"a": 2}, True),
        ("kind = 'x'", {"kind": "x"}, True),
    ],
)
def test_what_a_filter_says(text: str, given: dict[str, Any], expected: bool) -> None:
    """Each operator of the classes that are declared, true and false."""
    assert says(text, **given) is expected


def test_and_binds_closer_than_or() -> None:
    """As clause 6.3 has it: a OR b AND c is a OR (b AND c)."""
    text = "a = 1 OR a = 2 AND b = 3"
    assert says(text, a=1, b=0) is True
    assert says("(a = 1 OR a = 2) AND b = 3", a=1, b=0) is False


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a = 1", None),
        ("NOT a = 1", None),
        ("a = 1 OR tested", True),
        ("a = 1 AND tested", None),
        ("a = 1 AND NOT tested", False),
        ("a IN (1)", None),
        ("b IN (1, a)", None),
        ("name LIKE '%'", None),
        ("S_INTERSECTS(geometry, POINT(0 0))", None),
        ("T_AFTER(began, DATE('2024-01-01'))", None),
    ],
)
def test_of_what_is_missing_nothing_is_known(text: str, expected: bool | None) -> None:
    """Neither it nor its contrary; one that is true decides an OR, one that is false an AND."""
    assert says(text, tested=True, b=2) is expected


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "at character 1: a property or a value expected, not 'the end'"),
        ("a = ", "at character 5: a property or a value expected"),
        ("a = 1 b", "at character 7: AND, OR or the end expected, not 'b'"),
        ("a ? 1", "at character 3: '?' does not belong here"),
        ("name = 'x", "at character 8: a text that does not end"),
        ("nmae = 'x'", "at character 1: there is no field 'nmae'; did you mean 'name'?"),
        ("a = 'x'", "at character 5: this is a text, it cannot be compared with a number"),
        ("a", "at character 1: this is a number: it is neither true nor false"),
        ("tested < TRUE", "neither is less"),
        ("began = 5", "cannot be compared with a time"),
        ("avg(a) = 1", "at character 1: there is no function 'avg'"),
        ("DATE('2024-12-25T10:00:00Z') = began", "write '2024-12-25'"),
        ("began > TIMESTAMP('2024-12-25T10:00:00')", "says no zone"),
        ("began > TIMESTAMP('2024-13-25T10:00:00Z')", "is not a time"),
        ("T_AFTER(INTERVAL('2025-01-01', '2024-01-01'), began)", "ends no earlier than it begins"),
        ("INTERVAL('..', '..') = began", "compared by T_ functions alone"),
        ("S_INTERSECTS(geometry, POINT(200 0))", "longitudes lie between -180 and 180"),
        ("S_INTERSECTS(geometry, POINT(nan 0))", "longitudes lie between"),
        ("S_INTERSECTS(geometry, POLYGON((0 0, 1 1)))", "no geometry in well-known text"),
        (
            "S_INTERSECTS(geometry, POLYGON((0 0, 1 1, 0 1, 1 0, 0 0)))",
            "no sound geometry: Self-intersection",
        ),
        ("S_INTERSECTS(geometry, BBOX(1, 2, 3))", "four numbers"),
        ("S_INTERSECTS(geometry, name)", "this is a text, it cannot be compared with a place"),
        ("A_CONTAINS(kinds, (1))", "hold texts, not a number"),
        ("a LIKE 'x'", "LIKE asks about text, not a number"),
        ("name LIKE name", "LIKE takes a pattern in quotes"),
        ("a = 1e999", "too large a number"),
        ("a IS 1", "'NULL' expected"),
        ("a NOT = 1", "LIKE, BETWEEN or IN expected"),
        ("S_BUFFER(geometry, 1)", "there is no function 'S_BUFFER'"),
        ("(" * 40 + "a = 1" + ")" * 40, f"more than {MOST_DEPTH} brackets"),
        ("NOT " * 40 + "tested", f"more than {MOST_DEPTH} brackets"),
        ("a = 1 OR " * 600 + "a = 1", f"at most {MOST_CHARACTERS:,} characters"),
    ],
)
def test_a_fault_says_where_and_what(text: str, told: str) -> None:
    """In one line, for a person who wrote it."""
    with pytest.raises(FilterFault) as found:
        says(text)
    assert told in str(found.value)
    assert "\n" not in str(found.value)


def test_whatever_is_written_is_read_or_refused_bounded() -> None:
    """As many conditions as fit are read; the longest nesting that is allowed does no harm."""
    many = " OR ".join(["a=1"] * 500)
    assert len(many) <= MOST_CHARACTERS
    assert says(many, a=1) is True
    deep = MOST_DEPTH - 1
    assert says("(" * deep + "a = 1" + ")" * deep, a=1) is True


WORDS = [
    *(
        "a",
        "name",
        "tested",
        "began",
        "kinds",
        "geometry",
        "AND",
        "OR",
        "NOT",
        "=",
        "<>",
        "<",
        ">=",
        "(",
        ")",
    ),
    *(",", "1", "-2.5", "'x'", "''", "'%'", "TRUE", "IS", "NULL", "LIKE", "IN", "BETWEEN"),
    *("CASEI", "DATE", "TIMESTAMP", "INTERVAL", "'..'", "'2024-12-25'", "'2024-12-25T10:00:00Z'", "T_AFTER"),
    *(
        "S_INTERSECTS",
        "S_TOUCHES",
        "BBOX",
        "POINT(1 2)",
        "POLYGON((0 0,1 0,1 1,0 0))",
        "POINT",
        "[",
        "]",
        '"a"',
    ),
    *("GEOMETRYCOLLECTION(POINT(1 1))", "MULTIPOINT((1 1))", "EMPTY", "Z", ".5", "1e9"),
]
ROWS = [
    row(),
    row(a=1, b=2, name="x", tested=True, began=NOON, ended=ONE, kinds=["x"], geometry=shapely.Point(1, 1)),
    row(a=0.5, name="", kinds=[], geometry=shapely.LineString([(0, 0), (2, 2)])),
]


@given(st.lists(st.sampled_from(WORDS), max_size=14).map(" ".join) | st.text(max_size=60))
def test_no_text_is_too_much(text: str) -> None:
    """Any words in any order: a filter that answers true, false or unknown, or one fault with a place."""
    try:
        truth = truth_of(read_filter(text), FIELDS)
        answers = [truth(one) for one in ROWS]
    except FilterFault:
        return
    assert set(answers) <= {True, False, None}
    negated = truth_of(read_filter(f"NOT ({text})"), FIELDS)
    assert [negated(one) for one in ROWS] == [None if a is None else not a for a in answers]


@given(st.text("ab%_\\", max_size=8), st.text("ab%_", max_size=8))
def test_like_is_what_a_regular_expression_says(pattern: str, text: str) -> None:
    """Another way to the same: % is any text, _ any character, what follows a backslash itself."""
    if re.search(r"(?<!\\)(\\\\)*\\$", pattern):  # would escape the closing quote
        return
    parts = re.findall(r"\\.|.", pattern)
    wild = {"%": ".*", "_": "."}
    control = {r"\a": "\a", r"\b": "\b"}
    expected = "".join(wild.get(p, re.escape(control.get(p, p[-1]))) for p in parts)
    assert says(f"name LIKE '{pattern}'", name=text) is bool(re.fullmatch(expected, text, re.DOTALL))


def test_a_pattern_of_many_wildcards_takes_no_time() -> None:
    """A regular expression would try 300 over 40 ways; this is at most the product of both lengths."""
    pattern = [("", "%"), ("a", "a")] * 40
    assert matches("a" * 39 + "b" * 300, pattern) is False


SPANS = st.tuples(st.integers(0, 6), st.integers(1, 6)).map(lambda s: (s[0], s[0] + s[1]))
#: Allen's thirteen relations (Communications of the ACM 26, 1983): of two proper intervals one alone holds.
ALLEN = [name for name in TEMPORAL if name not in ("DISJOINT", "INTERSECTS")]


@given(SPANS, SPANS)
def test_of_two_intervals_one_relation_alone_holds(a: tuple[int, int], b: tuple[int, int]) -> None:
    """And the two that the standard adds are those that share no moment, and all others."""
    times = [f"'2024-01-01T00:00:{at:02d}Z'" for at in (*a, *b)]
    found = {name: says("T_{}(INTERVAL({}, {}), INTERVAL({}, {}))".format(name, *times)) for name in TEMPORAL}
    assert [found[name] for name in ALLEN].count(True) == 1
    assert found["DISJOINT"] is (found["BEFORE"] or found["AFTER"])
    assert found["INTERSECTS"] is not found["DISJOINT"]
    assert found["MEETS"] is (a[1] == b[0])
    assert found["DURING"] is (b[0] < a[0] and a[1] < b[1])


def test_every_kind_of_field_is_one_that_is_known() -> None:
    """A collection cannot name a kind of which a filter knows nothing, nor one that no schema has."""
    from seavigil.api.ogc_pages import _TYPES
    from seavigil.api.ogc_rows import COLLECTIONS

    assert set(_TYPES) == set(KINDS)
    assert {kind for one in COLLECTIONS.values() for kind in one.fields.values()} <= set(KINDS)
