"""An asset's page, and the question who caused a fault."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.browser.conftest import Open
from tests.browser.served import COMMAND, WITHIN_S, Served, console

FIBRE = "demo-fibre-2"
#: More than that between the command and the page would be another judgement, less is rounding.
_NEAR = 0.02


def command(*arguments: str | Path) -> list[dict[str, Any]]:
    """Run a command, and give the lines that it prints as JSON."""
    ran = subprocess.run([*COMMAND, *map(str, arguments)], capture_output=True, check=True, timeout=WITHIN_S)
    return [json.loads(line) for line in ran.stdout.splitlines()]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the invented hour as files: its recording and its assets."""
    folder = tmp_path_factory.mktemp("files")
    subprocess.run(
        [*COMMAND, "demo", "--write", str(folder)], check=True, capture_output=True, timeout=WITHIN_S
    )
    return next(folder.glob("*.nmea")), folder / "assets.geojson"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, files: tuple[Path, Path]) -> Iterator[Served]:
    """Show the hour as files to somebody who changes things and asks."""
    with console(tmp_path_factory.mktemp("desk"), "console", files[0], "--assets", files[1]) as served:
        yield served


def test_who_crossed_is_what_the_watch_found(desk: Served, look: Open, files: tuple[Path, Path]) -> None:
    """Each ship that `seavigil watch` tells as crossing the fibre is on its page, and none besides."""
    lines = command("watch", files[0], "--assets", files[1], "--format", "ndjson")
    told = {
        (line["vessel"]["vessel_id"], asset["crossed_at"][11:19])
        for line in lines
        for asset in line["assets"]
        if asset["asset_id"] == FIBRE and asset.get("crossed_at")
    }
    screen = look(desk, f"#/assets/{FIBRE}").with_map()
    screen.find("#asset-passages tbody tr").first.wait_for()
    more = screen.find("#asset-passages").get_by_role("button", name="Show all")
    if more.count():
        more.click()
    rows = screen.ask("""() => [...document.querySelectorAll('#asset-passages tbody tr')].map((row) =>
        [row.querySelector('a[data-vessel-id]').dataset.vesselId,
            row.querySelector('button.moment').innerText.slice(0, 8)])""")
    listed = {(ship, at) for ship, at in rows}
    assert {ship for ship, _ in listed} == {ship for ship, _ in told}
    assert told <= listed  # an alert tells the last crossing of each asset, the page all of them
    screen.shot("asset")


def test_the_axis_is_the_length_of_the_asset(desk: Served, look: Open) -> None:
    """Crossings stand at their kilometres, 0 to the length; the map shows the place pointed at."""
    screen = look(desk, f"#/assets/{FIBRE}").with_map()
    screen.until("document.querySelectorAll('#asset-along .mark.passage').length > 0")
    asset = screen.told(f"/api/assets/{FIBRE}")
    length = asset["properties"]["length_km"]
    box = screen.find("#asset-along .plotbox")
    assert float(box.get_attribute("aria-valuemax") or 0) == pytest.approx(length, abs=0.01)
    passages = screen.told(f"/api/assets/{FIBRE}/passages")["passages"]
    marks = screen.ask("""() => [...document.querySelectorAll('#asset-along .mark.passage path')].map((one) =>
        Number(/M([\\d.]+)/.exec(one.getAttribute('d'))[1]))""")
    width = screen.ask("document.querySelector('#asset-along .plotbox').clientWidth")
    wanted = sorted(8 + one["km_along"] / length * (width - 20) for one in passages)  # 8 px left, 12 right
    assert sorted(marks) == pytest.approx(wanted, abs=1.0)
    box.focus()
    screen.page.keyboard.press("End")
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['pointer-dot']}).length === 1")
    end = asset["geometry"]["coordinates"][-1]
    assert screen.drawn("pointer-dot")[0]["geometry"]["coordinates"] == pytest.approx(end, abs=0.01)


def test_a_change_is_kept_with_its_reason(desk: Served, look: Open) -> None:
    """A survey says where the cable lies: the uncertainty is changed, and how stands in the history."""
    screen = look(desk, f"#/assets/{FIBRE}")
    screen.find("#asset-change summary").click()
    screen.find("#asset-change [name=uncertainty]").fill("60")
    screen.find("#asset-change [name=why]").fill("As-laid survey of 2025")
    screen.find("#asset-change button[type=submit]").click()
    screen.find("#asset-history summary").wait_for()
    screen.find("#asset-history summary").click()
    said = screen.text("#asset-history")
    for words in ("position uncertainty m", "150 m", "60 m", "As-laid survey of 2025"):
        assert words in said
    assert screen.told(f"/api/assets/{FIBRE}")["edits"][-1]["after"] == 60
    screen.shot("asset-edited")


def test_suspects_are_those_of_the_command(desk: Served, look: Open, files: tuple[Path, Path]) -> None:
    """The fault typed into the form: ships, ranks and probabilities as `seavigil suspects` prints."""
    lines = command(
        "suspects", files[0], "--assets", files[1], "--asset", "Demo Fibre 2",
        "--at", "2025-11-20T04:43:00Z", "--within", "5m", "--format", "ndjson",
    )  # fmt: skip
    ranked = [line for line in lines if "rank" in line]
    assert ranked[0]["vessel"]["vessel_id"] == "299000001"
    screen = look(desk, "#/fault").with_map()
    screen.find("#fault-form [name=asset]").fill("Demo Fibre 2")
    screen.find("#fault-form [name=time]").fill("2025-11-20 04:43:00")
    screen.find("#fault-form [name=within]").fill("5")
    screen.find("#fault-send").click()
    screen.find("#ranking li.suspect").first.wait_for()
    more = screen.find("#suspects").get_by_role("button", name="who hardly fit")
    if more.count():
        more.click()
    listed = screen.ask("""() => [...document.querySelectorAll('#ranking li.suspect')].map((one) =>
        [Number(one.dataset.rank), one.dataset.vesselId, one.querySelector('.share').innerText])""")
    assert [(rank, ship) for rank, ship, _ in listed] == [
        (line["rank"], line["vessel"]["vessel_id"]) for line in ranked
    ]
    shares = [float(share.strip("<> %")) / 100 for _, _, share in listed]
    assert shares == pytest.approx([line["probability"] for line in ranked], abs=_NEAR)
    assert "A ranking is no proof." in screen.text("#suspects")
    screen.until("seavigil.map.ml.queryRenderedFeatures({layers: ['tracks-line']}).length > 0")
    screen.shot("suspects")


def test_an_outage_can_be_told(desk: Served, look: Open) -> None:
    """A notice is kept, and stands in the list of notices with its source."""
    screen = look(desk, "#/fault")
    screen.find("#fault-form [name=asset]").fill("Demo Link 1")
    screen.find("#fault-form [name=time]").fill("2025-11-20 04:21:30")
    screen.find("#fault-form details summary").click()
    screen.find("#fault-form [name=source]").fill("Control room")
    screen.find("#fault-tell").click()
    screen.find("#fault-notices").get_by_text("Control room").first.wait_for()
    assert [one["asset_id"] for one in screen.told("/api/faults")["faults"]] == ["demo-link-1"]
    screen.shot("fault")
