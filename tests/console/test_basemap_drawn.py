"""The basemap as a browser draws it, under the console's own content policy."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace

import pytest

from seavigil.api.pages import POLICY
from seavigil.console import STATIC, VENDOR, missing
from tests.console.test_basemap import LAND, SEA

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
FLAGS = ["--enable-unsafe-swiftshader", "--disable-quic", "--no-first-run", "--disable-background-networking"]
PAGE = b"""<!doctype html><title>map</title><link rel="stylesheet" href="/static/vendor/maplibre-gl.css">
<link rel="stylesheet" href="/drawn.css"><div id="map"></div>
<script type="module" src="/drawn.js"></script>"""
STYLE = b"html, body, #map { margin: 0; height: 100% }"
SCRIPT = b"""
import { Map, setWorkerUrl } from "/static/vendor/maplibre-gl.mjs";
import { basemapStyle, graticule, keepGraticule } from "/static/map/basemap.js";
setWorkerUrl("/static/vendor/maplibre-gl-worker.mjs");
const map = new Map({
  container: "map", style: { version: 8, ...basemapStyle("light") }, center: [19, 58], zoom: 4,
  fadeDuration: 0, pixelRatio: 1, attributionControl: false,
  canvasContextAttributes: { preserveDrawingBuffer: true },
});
const faults = [];
map.on("error", (event) => faults.push(event.error.message));
Object.assign(window, { map, faults, graticule, keepGraticule });
window.look = (zoom, lon, lat) => new Promise((done) => {
  map.once("idle", () => done(true));
  map.jumpTo({ zoom, center: [lon, lat] });
  map.triggerRepaint();
});
window.colours = (places) => {
  const copy = document.createElement("canvas");
  const shown = map.getCanvas();
  [copy.width, copy.height] = [shown.width, shown.height];
  const pen = copy.getContext("2d");
  pen.drawImage(shown, 0, 0);
  return places.map(([lon, lat]) => {
    const at = map.project([lon, lat]);
    const [r, g, b] = pen.getImageData(at.x, at.y, 1, 1).data;
    return [r, g, b].map((part) => part.toString(16).padStart(2, "0")).join("");
  });
};
map.once("idle", () => { document.title = "drawn"; document.body.className = "drawn"; });
"""
OURS = {
    "/": (PAGE, "text/html"),
    "/drawn.css": (STYLE, "text/css"),
    "/drawn.js": (SCRIPT, "text/javascript"),
    "/favicon.ico": (b"", "image/png"),
}
DRAWN = "map.queryRenderedFeatures({layers: ['base-graticule-label']}).map((f) => f.properties.label)"
SEA_COLOUR, LAND_COLOUR = "dbe7ee", "f4f0e6"

pytestmark = pytest.mark.skipif(missing() is not None, reason=str(missing()))


class Files(BaseHTTPRequestHandler):
    """Gives the console's files and the page of this test."""

    def do_GET(self) -> None:
        """Give one file, with the console's content policy."""
        body, kind = OURS.get(self.path) or self.file()
        self.send_response(200 if body is not None else 404)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body or b"")))
        self.send_header("Content-Security-Policy", POLICY)
        self.end_headers()
        self.wfile.write(body or b"")

    def file(self) -> tuple[bytes | None, str]:
        """Read a file of the console."""
        name = self.path.removeprefix("/static/")
        root = VENDOR if name.startswith("vendor/") else STATIC
        kinds = {".mjs": "text/javascript", ".js": "text/javascript", ".css": "text/css"}
        path = Path(root / name.removeprefix("vendor/"))
        body = path.read_bytes() if path.is_file() else None
        return body, kinds.get(path.suffix, "application/octet-stream")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def page() -> Iterator[SimpleNamespace]:
    """Give a page that shows the basemap and nothing else."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine")
    server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, chromium_sandbox=False, args=FLAGS)
        shown = browser.new_page(viewport={"width": 900, "height": 700})
        said: list[str] = []
        shown.on("console", lambda line: said.append(line.text) if line.type == "error" else None)
        shown.goto(f"http://127.0.0.1:{server.server_port}/")
        shown.wait_for_selector("body.drawn", timeout=60_000)
        yield SimpleNamespace(shown=shown, said=said)
        browser.close()
    server.shutdown()
    server.server_close()


def colours(
    page: SimpleNamespace, zoom: float, lon: float, lat: float, places: list[list[float]]
) -> list[str]:
    """Show a view and give the colours at ``places`` (longitude, latitude)."""
    page.shown.evaluate("([z, x, y]) => window.look(z, x, y)", [zoom, lon, lat])
    found = page.shown.evaluate("(places) => window.colours(places)", places)
    assert page.shown.evaluate("window.faults") == []
    return found


VIEWS = {
    "the world": (1, 10, 30, ["North Sea", "Black Sea", "Congo", "Greenland", "Quito"]),
    "the Baltic": (4.6, 18, 58.5, ["Gotland Deep", "Bothnian Sea", "Gulf of Riga", "Bornholm Basin"]),
    "its islands": (5.3, 18, 56.5, ["Gotland", "Bornholm", "Kaliningrad", "Gotland Deep"]),
    "the date line, from the west": (3.4, 179, 67, ["Long Strait", "Bering Sea", "Chukotka"]),
    "the date line, from the east": (3.4, -179, 67, ["Chukchi Sea", "Bering Sea, west", "Chukotka, west"]),
    "Antarctica": (2, 180, -82, ["Ross Sea", "Antarctica", "Victoria Land"]),
    "enlarged": (9, 24.9, 60.1, ["Helsinki"]),
}  # fmt: skip


@pytest.mark.parametrize("view", VIEWS)
def test_places_have_the_colour_of_what_they_are(page: SimpleNamespace, view: str) -> None:
    """Where there is sea the picture has the colour of the sea, where there is land that of the land."""
    zoom, lon, lat, names = VIEWS[view]
    places = [(SEA | LAND)[name] for name in names]
    near = [[x + 360 * round((lon - x) / 360), y] for y, x in places]
    expected = [SEA_COLOUR if name in SEA else LAND_COLOUR for name in names]
    assert dict(zip(names, colours(page, zoom, lon, lat, near), strict=True)) == dict(
        zip(names, expected, strict=True)
    )


@pytest.mark.parametrize(
    ("zoom", "lon", "lat", "colour"),
    [
        (5, 180.0, 67.2, LAND_COLOUR),  # the date line, in Chukotka
        (5, 180.0, 60.0, SEA_COLOUR),  # and in the Bering Sea
        (4.6, 22.5, 62.5, LAND_COLOUR),  # the side of a tile in Finland: 22.5 is 360 / 16
        (6.9, 16.875, 55.9, SEA_COLOUR),  # and in the Baltic: 3 times 360 / 64
        (9, 22.5, 62.5, LAND_COLOUR),  # the same side in tiles shown enlarged
    ],
)
def test_no_line_is_drawn_where_tiles_meet(page, zoom: float, lon: float, lat: float, colour: str) -> None:
    """61 points across the side of a tile, a pixel apart, have one colour."""
    pixel = 360 / (512 * 2**zoom)
    across = [[lon + n * pixel, lat] for n in range(-30, 31)]
    assert set(colours(page, zoom, lon, lat, across)) == {colour}


def labels(page: SimpleNamespace, bounds: list[float], zoom: float, kind: str) -> list[str]:
    """Give the labels of the lines of one kind, in order."""
    found = page.shown.evaluate("([bounds, zoom]) => window.graticule(bounds, zoom)", [bounds, zoom])
    points = [f for f in found["features"] if f["geometry"]["type"] == "Point"]
    return [f["properties"]["label"] for f in points if f["properties"]["kind"] == kind]


@pytest.mark.parametrize(
    ("bounds", "zoom", "meridians", "parallels"),
    [
        ([19, 54, 31, 61], 5, ["020°00′E", "025°00′E", "030°00′E"], ["55°00′N", "60°00′N"]),
        ([174, -3, 191, 3], 5, ["175°00′E", "180°00′", "175°00′W", "170°00′W"], ["00°00′"]),
        ([-0.1, 51, 0.1, 51.1], 11, ["000°05′W", "000°00′", "000°05′E"], ["51°00′N", "51°05′N"]),
        ([24.001, 59.801, 24.004, 59.804], 16, ["024°00.1′E", "024°00.2′E"], ["59°48.1′N", "59°48.2′N"]),
        ([-9, -90, 9, 90], 2, ["000°00′"], ["60°00′S", "30°00′S", "00°00′", "30°00′N", "60°00′N"]),
    ],
)  # fmt: skip
def test_lines_are_labelled_in_degrees_and_minutes(page, bounds, zoom, meridians, parallels) -> None:
    """Lines 110 to 275 pixels apart at whole steps, over the date line and below a minute."""
    assert labels(page, bounds, zoom, "meridian") == meridians
    assert labels(page, bounds, zoom, "parallel") == parallels


def test_lines_follow_the_map(page: SimpleNamespace) -> None:
    """The lines of the new view are drawn when the map has moved; the policy refused nothing on the way."""
    page.shown.evaluate("void window.keepGraticule(window.map)")
    page.shown.evaluate("window.look(5, 20, 58)")
    # Lines are cut into tiles aside; the map is idle before and after.
    wanted, drawn = {"020°00′E", "60°00′N"}, set()
    for _ in range(100):
        drawn = set(page.shown.evaluate(DRAWN))
        if wanted <= drawn:
            break
        page.shown.wait_for_timeout(100)
    assert wanted <= drawn
    assert page.said == []
