"""The map in the terminal: north up, one character a cell, darker where more was heard."""

from __future__ import annotations

from seavigil.cli.coverage_map import draw


def cell(lat_deg: float, lon_deg: float, reports: int) -> dict[str, float]:
    """Give one cell of the map."""
    return {"lat_deg": lat_deg, "lon_deg": lon_deg, "reports": reports}


def body(lines: list[str]) -> list[str]:
    """Give the map between its edges."""
    edges = [i for i, line in enumerate(lines) if line.startswith("+")]
    return [line[1:-1] for line in lines[edges[0] + 1 : edges[1]]]


def test_nothing_heard() -> None:
    """Without cells there is no map."""
    assert draw([]) == []


def test_north_is_up_and_east_is_right() -> None:
    """The north-western cell is drawn top left, the south-eastern one bottom right."""
    drawn = body(draw([cell(60.0, 20.0, 1), cell(58.0, 24.0, 100_000)]))
    assert drawn[0][0] == "."
    assert drawn[-1][-1] == "@"
    assert len({len(row) for row in drawn}) == 1


def test_darker_is_more() -> None:
    """Ten times the reports is never a lighter character, and one report is never blank."""
    shades = [body(draw([cell(0, 0, 10**n)]))[0] for n in range(7)]
    scale = " .:-=+*#%@"
    assert [scale.index(s) for s in shades] == sorted(scale.index(s) for s in shades)
    assert shades[0] == "."


def test_size_is_that_of_a_terminal() -> None:
    """However wide or high the box, the map keeps within 80 columns and a screen's height."""
    for box in ((50, 70, 0, 1), (59, 60, -170, 170), (-80, 80, -180, 180)):
        south, north, west, east = box
        lines = draw([cell(south, west, 1), cell(north, east, 1), cell(north, west, 1)])
        assert max(map(len, body(lines))) <= 78
        assert len(lines) <= 30


def test_corners_are_those_of_the_cells() -> None:
    """A cell is named by its south-western corner: the map reaches its own width north and east of that."""
    lines = draw([cell(60.0, 20.0, 1), cell(60.1, 20.2, 1)])
    assert lines[0] == "60.12 N, 20.00 E (north-western corner)"
    assert "60.00 N, 20.22 E (south-eastern)" in lines[-2]


def test_what_a_character_stands_for() -> None:
    """The legend gives the size of a character in km (60 nautical miles a degree) and each shade's least."""
    lines = draw([cell(0.0, 20.0, 1), cell(0.0, 20.0 + 71 * 0.02, 1)])
    assert "a character is 2.2 km wide, 4.4 high" in lines[-2]
    assert lines[-1].startswith("reports there, at least: . 1 : 3 ")
    assert lines[-1].endswith("@ 100,000; blank: none")
