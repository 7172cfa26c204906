"""A ship's page and the list of ships."""

from __future__ import annotations

import re
from pathlib import Path

from seavigil.exercises.encode import position_a, static_a
from seavigil.exercises.sentences import sentences
from tests.browser.conftest import Open
from tests.browser.served import Served, console

ALDER = "299000001"
BEGAN_S = 1_763_611_200  # 2025-11-20 04:00:00 UTC
ALL = {"from": "2025-11-20T03:00:00Z", "to": "2025-11-20T05:16:00Z"}


def test_she_is_who_she_says(hour: Served, look: Open) -> None:
    """The facts are those that the service gives, which are those that she sent."""
    screen = look(hour, f"#/ships/{ALDER}")
    screen.find("#ship-identity dd").first.wait_for()
    vessel = screen.told(f"/api/ships/{ALDER}")["vessel"]
    assert screen.text("#panel h1") == vessel["name"] == "EXERCISE ALDER"
    said = screen.text("#ship-identity")
    for value in (vessel["mmsi"], vessel["callsign"], vessel["destination"], f"{vessel['length_m']:.0f} m"):
        assert str(value) in said
    assert "nobody has checked it" in said


def test_the_plot_is_her_track(hour: Served, look: Open) -> None:
    """Each point of the line of speed is a report: its place gives the time and the knots of the column."""
    screen = look(hour, f"#/ships/{ALDER}").with_map()
    screen.find("#ship-voyage svg.plot path").first.wait_for(state="attached")
    screen.page.get_by_role("button", name="All", exact=True).click()
    track = screen.told(f"/api/ships/{ALDER}/track", **ALL, max_points=5000)
    lines = screen.ask("""() => [...document.querySelectorAll('#ship-voyage svg.plot path')]
        .map((one) => one.getAttribute('d'))""")
    counted = [len(re.findall(r"[ML]", d)) for d in lines if d]
    speeds = sum(1 for value in track["sog_kn"] if value is not None)
    assert speeds in counted or speeds + 1 in counted, (speeds, counted)


def test_plot_and_map_point_at_each_other(hour: Served, look: Open) -> None:
    """The pointer in the plot is a dot on the map at that report; the pointer on her way reads the plot."""
    screen = look(hour, f"#/ships/{ALDER}").with_map()
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['track-line']}).length > 0")
    screen.find("#ship-voyage .plotbox").focus()
    for _ in range(6):
        screen.page.keyboard.press("ArrowLeft")
    reading = screen.text("#ship-voyage .reading")
    assert re.search(r"\d\d:\d\d:\d\dZ", reading)
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['pointer-dot']}).length === 1")
    dot = screen.drawn("pointer-dot")[0]
    track = screen.told(f"/api/ships/{ALDER}/track", **ALL, max_points=5000)
    places = list(zip(track["lon_deg"], track["lat_deg"], strict=True))
    lon, lat = dot["geometry"]["coordinates"]
    # what is drawn lies on the grid of its tile: at zoom 8 a step is 360 / 2**8 / 4096 = 3.4e-4 degrees
    assert min(abs(lon - east) + abs(lat - north) for east, north in places) < 4e-4
    index = len(places) // 2
    x, y = screen.pixel(*places[index])
    box = screen.map_box()
    screen.page.mouse.move(box["x"] + x + 1, box["y"] + y + 1)
    screen.page.mouse.move(box["x"] + x, box["y"] + y)
    screen.until("(before) => document.querySelector('#ship-voyage .reading').innerText !== before", reading)
    screen.shot("ship")


def test_what_was_not_heard_is_shaded(hour: Served, look: Open) -> None:
    """A tanker that fell silent: her plot is hatched from then on, and says since when."""
    amber = "299000002"
    screen = look(hour, f"#/ships/{amber}")
    screen.find("#ship-voyage svg.plot path").first.wait_for(state="attached")
    gaps = screen.told(f"/api/ships/{amber}/track", **ALL)["gaps"]
    shaded = screen.find("#ship-voyage .shade.gap title")
    screen.until("document.querySelectorAll('#ship-voyage .shade.gap').length > 0")
    labels = shaded.all_text_contents()
    assert len(labels) == len(gaps)
    screen.shot("ship-silent")


def test_raw_reports_are_the_rows(hour: Served, look: Open) -> None:
    """The newest rows of the table are the newest reports that the service stored."""
    screen = look(hour, f"#/ships/{ALDER}")
    screen.find("#ship-reports summary").click()
    screen.find("#ship-reports tbody tr").first.wait_for()
    rows = screen.told(f"/api/ships/{ALDER}/reports", **{**ALL, "from": "2025-11-20T05:05:00Z"}, limit=500)[
        "reports"
    ]
    newest = rows[-1]
    said = screen.text("#ship-reports tbody tr")
    assert newest["time_at"][11:19] in said
    assert f"{newest['sog_kn']:g} kn" in said
    assert newest["station"] in said


def renamed() -> bytes:
    """Give a ship with an IMO number that cannot be one (9074729 would be), and a second name."""
    parts = []
    for minute in range(20):
        at_s, name = BEGAN_S + 60 * minute, "FIRST NAME" if minute < 10 else "SECOND NAME"
        told = static_a(257_000_001, imo=9_074_728, name=name, callsign="LAAB", ship_type=70)
        there = position_a(257_000_001, lat_deg=59.7 + minute / 500, lon_deg=24.9, sog_kn=8.0, cog_deg=0.0)
        parts += [sentences(told, time_s=at_s), sentences(there, time_s=at_s + 5)]
    return b"".join(parts)


def test_identities_that_do_not_fit_are_told(tmp_path: Path, look: Open) -> None:
    """What cannot be, and what she said before, stand on her page with what else explains it."""
    path = tmp_path / "renamed.nmea"
    path.write_bytes(renamed())
    with console(tmp_path, "console", path) as served:
        screen = look(served, "#/ships/257000001")
        screen.find("#ship-conflicts li").first.wait_for()
        said = screen.text("#ship-conflicts")
        assert "IMO number 9074728 cannot be one" in said
        assert "A digit typed wrong" in said
        assert "called FIRST NAME before" in said
        values = screen.find("#ship-history tbody tr").all_inner_texts()
        assert [name for row in values for name in ("FIRST NAME", "SECOND NAME") if name in row] == [
            "FIRST NAME",
            "SECOND NAME",
        ]
        screen.shot("ship-conflicts")


def test_a_ship_is_found_by_name_and_number(hour: Served, look: Open) -> None:
    """Typing finds her; Enter goes to her page."""
    screen = look(hour, "#/ships")
    screen.find("#ships-found a.line").first.wait_for()
    screen.find("#ship-search").fill("alder")
    screen.until("document.querySelectorAll('#ships-found a.line').length === 1")
    screen.find("#ship-search").press("Enter")
    screen.until("location.hash.startsWith('#/ships/299000001')")
    screen.shot("ships")
