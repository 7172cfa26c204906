"""How soon the console shows a busy sea, and how evenly its map moves: ``python bench/bench_console.py``.

A console of an invented recording, in Debian's chromium without a graphics card (drawn by the processor, as
on the smallest machine): SHIPS ships (1,500) on straight ways, a report every two minutes for half an hour
(20,000 points of trails), and ASSETS cables (600). One JSON line a case, milliseconds:

``first view``: from the navigation until the panel holds its page (``panel_ms``), until the map stands with
its ground (``map_ms``; wanted below 2,000 with the panel), until ships are drawn and nothing moves any more
(``idle_ms``; wanted below 5,000). ``panning``: gaps between the frames of five seconds of panning, over the
whole fleet and closer (``median_ms``, ``p95_ms``, ``most_ms``; wanted below 250). ``frames``: how many.
"""

from __future__ import annotations

import argparse
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

ARGUMENTS = (
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
BEGAN_S, EVERY_S, LONG_S = 1_763_611_200, 120, 1_800
#: Ships lie north of the cables: what is measured is the page, not how long the watch judges crossings.
WEST, SOUTH, MIDDLE, NORTH, EAST = 14.0, 55.2, 57.0, 59.0, 20.5
COLUMNS = "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,"
COLUMNS += "Callsign,Name,Ship type"
KINDS = ("Cargo", "Tanker", "Passenger", "Fishing", "Tug")
#: Looks at each frame what is there, and notes when it came.
LISTEN = """(() => {
    const told = (globalThis.told = {});
    const note = (name) => { told[name] ??= performance.now(); };
    const look = () => {
        if (document.querySelector("#panel h1, #panel h2")) note("panel_ms");
        const ml = globalThis.seavigil?.map?.ml;
        if (ml && seavigil.map.parts.ships.list().length && !told.waits) {
            told.waits = 1;
            const idle = () => (seavigil.map.ml.queryRenderedFeatures({ layers: ["ships-hull"] }).length
                ? note("idle_ms") : ml.once("idle", idle));
            ml.once("idle", idle);
        }
        if (!told.idle_ms) requestAnimationFrame(look);
    };
    requestAnimationFrame(look);
})()"""
PAN = """(seconds) => new Promise((done) => {
    const { ml } = seavigil.map, at = [];
    const frame = () => at.push(performance.now());
    ml.on("render", frame);
    ml.once("moveend", () => { ml.off("render", frame); done(at); });
    ml.panBy([900, 300], { duration: seconds * 1000, easing: (t) => t });
})"""


def recording(path: Path, ships: int) -> None:
    """Write ships on straight ways as the Danish Maritime Authority's table."""
    rng = np.random.default_rng(1)
    lat, lon = rng.uniform(MIDDLE + 0.5, NORTH, ships), rng.uniform(WEST, EAST, ships)
    sog, cog = np.where(rng.random(ships) < 0.3, 0.0, rng.uniform(5, 20, ships)), rng.uniform(0, 360, ships)
    rows = [COLUMNS]
    for second in range(0, LONG_S, EVERY_S):
        stamp = time.strftime("%d/%m/%Y %H:%M:%S", time.gmtime(BEGAN_S + second))
        north = sog / 216_000 * second * np.cos(np.radians(cog))
        east = sog / 216_000 * second * np.sin(np.radians(cog)) / np.cos(np.radians(lat))
        rows += [
            f"{stamp},Class A,{219_000_000 + n},{lat[n] + north[n]:.5f},{lon[n] + east[n]:.5f},"
            f"Under way using engine,0,{sog[n]:.1f},{cog[n]:.1f},{cog[n]:.0f},"
            f"Unknown,,SHIP {n},{KINDS[n % len(KINDS)]}"
            for n in range(ships)
        ]
    path.write_text("\n".join(rows) + "\n")


def cables(path: Path, number: int) -> None:
    """Write crooked cables of some hundred kilometres."""
    rng = np.random.default_rng(2)
    features = []
    for n in range(number):
        first = np.array([rng.uniform(WEST, EAST), rng.uniform(SOUTH, MIDDLE)])
        route = first + np.cumsum(rng.normal(0, 0.04, (12, 2)) + rng.normal(0, 0.06, 2), axis=0)
        kind = ("power_cable", "telecom_cable", "gas_pipeline")[n % 3]
        features.append(
            {
                "type": "Feature",
                "properties": {"name": f"Cable {n}", "kind": kind, "position_uncertainty_m": 100},
                "geometry": {
                    "type": "LineString",
                    "coordinates": np.minimum(route, (90.0, MIDDLE)).round(5).tolist(),
                },
            }
        )
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}))


def started(folder: Path, ships: int, assets: int) -> tuple[subprocess.Popen[str], str]:
    """Start the console, and give it with its address."""
    recording(folder / "sea.csv", ships)
    cables(folder / "cables.geojson", assets)
    command = [sys.executable, "-c", "from seavigil.cli.main import main; main()", "console"]
    given = [
        str(folder / "sea.csv"),
        "--assets",
        str(folder / "cables.geojson"),
        "--port",
        "0",
        "--no-browser",
    ]
    running = subprocess.Popen([*command, *given], stdout=subprocess.PIPE, text=True)
    assert running.stdout is not None
    for line in running.stdout:
        if found := re.search(r"http://[\d.]+:\d+", line):
            return running, found[0]
    raise SystemExit("the console did not start")


def gaps(at: list[float]) -> dict[str, Any]:
    """Give how far frames lie apart, milliseconds."""
    apart = np.diff(at)
    figures = (float(np.median(apart)), float(np.percentile(apart, 95)), float(apart.max()))
    return {
        "frames": len(at),
        **dict(zip(("median_ms", "p95_ms", "most_ms"), map(round, figures), strict=True)),
    }


def look(url: str) -> None:
    """Open the console, pan it, and print what was measured."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=list(ARGUMENTS)
        )
        for case in ("first view, nothing kept", "first view, again"):
            page = browser.new_page(viewport={"width": 1600, "height": 1000})
            page.add_init_script(LISTEN)
            page.goto(f"{url}/")
            while "idle_ms" not in (told := page.evaluate("globalThis.told")):
                page.wait_for_timeout(100)
            told.pop("waits", None)
            told["map_ms"] = page.evaluate("performance.getEntriesByName('map')[0]?.startTime ?? NaN")
            print(json.dumps({"case": case, **{name: round(ms) for name, ms in told.items()}}), flush=True)
        for name, zoom in (("the whole fleet", 6.2), ("closer", 9.0)):
            page.evaluate("(zoom) => seavigil.map.ml.jumpTo({ center: [17, 57], zoom })", zoom)
            page.wait_for_timeout(3_000)
            for again in range(2):
                found = gaps(page.evaluate(PAN, 5))
                print(json.dumps({"case": f"panning {name}, {again + 1}", **found}), flush=True)
        browser.close()


def main() -> None:
    """Measure."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("ships", nargs="?", type=int, default=1_500)
    asked.add_argument("assets", nargs="?", type=int, default=600)
    given = asked.parse_args()
    if shutil.which("chromium") is None:
        raise SystemExit("chromium is not installed (Debian: chromium, fonts-dejavu-core)")
    with tempfile.TemporaryDirectory() as folder:
        running, url = started(Path(folder), given.ships, given.assets)
        try:
            look(url)
        finally:
            running.terminate()
            running.wait()


if __name__ == "__main__":
    main()
