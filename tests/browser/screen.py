"""One page in a browser, and what can be seen on it."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, Request, Route

from tests.browser.served import Served

#: Drawing without a graphics card, on a machine that does other things: an answer may take its time.
WITHIN_MS = 60_000
_AGAIN_MS = 60
SIZE = {"width": 1280, "height": 800}
#: Breaches of the page's own rules are errors too.
_LISTEN = """addEventListener("securitypolicyviolation", (e) =>
    console.error(`CSP: ${e.violatedDirective} ${e.blockedURI} ${e.sourceFile}:${e.lineNumber}`));"""
#: What the driver says of being asked for its pixels, as a screenshot does.
_DRIVER = re.compile("GL Driver Message .* ReadPixels")
_IDLE = """() => new Promise((done) => {
    const { ml } = seavigil.map;
    ml.once("idle", () => done(true));
    ml.triggerRepaint();
})"""

Box = tuple[float, float, float, float]


class Screen:
    """A page of the console. ``sound()`` says whether all is well with it."""

    def __init__(self, browser: Browser, served: Served, shots: Path, settings: Mapping[str, Any]) -> None:
        self.served = served
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self._shots = shots
        more = dict(settings)
        answers: Mapping[str, Any] = more.pop("answers", {})
        self._forgiven: list[str] = []
        self._context = browser.new_context(
            **{"viewport": SIZE, "service_workers": "block", "reduced_motion": "reduce", **more}
        )
        self._context.set_default_timeout(WITHIN_MS)
        self._context.add_init_script(_LISTEN)
        own = re.escape(served.url.removeprefix("http://"))
        self._own = re.compile(rf"^(https?|wss?)://{own}(/|$)|^(data|blob|about):")
        self._context.route(re.compile(rf"^(https?|wss?)://(?!{own}(/|$))"), self._abroad)
        for path, answer in answers.items():
            self._answer(path, answer)
        self.page: Page = self._context.new_page()
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda fault: self.errors.append(str(fault)))
        self.page.on("request", self._asked)

    def close(self) -> None:
        """Close it."""
        self._context.close()

    def _answer(self, path: str, answer: Any) -> None:
        """Answer a request of the page in the service's place: for what no recording holds."""
        pattern = re.compile(rf"^{re.escape(self.served.url)}{re.escape(path)}(\?|$)")
        self._context.route(pattern, lambda route: route.fulfill(json=answer))

    # --- what is wrong

    def _abroad(self, route: Route) -> None:
        self.foreign.append(route.request.url)
        route.abort()

    def _asked(self, request: Request) -> None:
        if not self._own.match(request.url):
            self.foreign.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _DRIVER.search(message.text):
            self.errors.append(f"{message.text} {message.location.get('url', '')}")

    def forgive(self, pattern: str) -> None:
        """Let errors pass that a test brings about on purpose."""
        self._forgiven.append(pattern)

    def sound(self) -> None:
        """Nobody else was asked for anything, and the browser found nothing wrong."""
        assert self.foreign == []
        left = [text for text in self.errors if not any(re.search(one, text) for one in self._forgiven)]
        assert left == []

    # --- where it is

    def open(self, where: str) -> None:
        """Open the console, and wait until it shows something."""
        self.page.goto(f"{self.served.url}/{where}")
        self.find("#panel > :not(.wait)").first.wait_for(state="attached")

    def go(self, where: str) -> None:
        """Go to another view of the same page."""
        self.page.evaluate("(where) => { location.hash = where; }", where)

    def with_map(self, ships: int = 1) -> Screen:
        """Wait until the map is drawn, with its assets and so many ships at least."""
        self.until("globalThis.seavigil?.map?.ml?.loaded()")
        self.until("seavigil.map.parts.assets.list().length > 0")
        self.until(f"seavigil.map.parts.ships.list().length >= {ships}")
        return self.idle()

    def idle(self) -> Screen:
        """Wait until nothing of the map moves or comes any more."""
        self.page.evaluate(_IDLE)
        return self

    def until(self, script: str, argument: Any = None) -> Any:
        """Wait until something holds on the page, and give it.

        Asked again and again from outside: what waits within the page would need its leave for eval.
        """
        asked = script if "=>" in script else f"() => {script}"
        until_s = time.monotonic() + WITHIN_MS / 1000
        while time.monotonic() < until_s:
            if found := self.page.evaluate(asked, argument):
                return found
            self.page.wait_for_timeout(_AGAIN_MS)
        raise AssertionError(f"never: {script} ({argument}); {self.errors}")

    def at(self, moment: str) -> Screen:
        """Show a moment (RFC 3339), and wait for the map to have it."""
        self.page.evaluate("(at) => seavigil.clock.set(Date.parse(at))", moment)
        self.until("(at) => Date.parse(seavigil.map.parts.ships.asOf()) <= Date.parse(at) + 1000", moment)
        return self.idle()

    def view(self, lon_deg: float, lat_deg: float, zoom: float) -> Screen:
        """Move the map there."""
        self.page.evaluate(
            "([center, zoom]) => seavigil.map.ml.jumpTo({center, zoom})", [[lon_deg, lat_deg], zoom]
        )
        return self.idle()

    # --- what is seen

    def find(self, selector: str) -> Locator:
        """Give elements."""
        return self.page.locator(selector)

    def text(self, selector: str) -> str:
        """Give what an element says, as it is seen."""
        return self.page.locator(selector).first.inner_text()

    def ask(self, script: str, argument: Any = None) -> Any:
        """Ask the page's own objects."""
        return self.page.evaluate(script, argument)

    def drawn(self, layer: str, box: Box | None = None) -> list[dict[str, Any]]:
        """Give what a layer of the map draws in a box of its pixels: properties, and the geometry."""
        script = """([layer, box]) => seavigil.map.ml.queryRenderedFeatures(
            box ? [[box[0], box[1]], [box[2], box[3]]] : undefined, { layers: [layer] })
            .map((one) => ({ ...one.properties, geometry: one.geometry }))"""
        found: list[dict[str, Any]] = self.page.evaluate(script, [layer, box])
        return found

    def pixel(self, lon_deg: float, lat_deg: float) -> tuple[float, float]:
        """Give where a position lies on the map, in its pixels."""
        x, y = self.page.evaluate(
            "(at) => { const p = seavigil.map.ml.project(at); return [p.x, p.y]; }", [lon_deg, lat_deg]
        )
        return x, y

    def unproject(self, x: float, y: float) -> tuple[float, float]:
        """Give the longitude and latitude at a pixel of the page."""
        script = """([x, y]) => { const { ml } = seavigil.map;
            const { left, top } = ml.getCanvas().getBoundingClientRect();
            const place = ml.unproject([x - left, y - top]); return [place.lng, place.lat]; }"""
        lon, lat = self.page.evaluate(script, [x, y])
        return lon, lat

    def hide(self, *layers: str) -> None:
        """Take single layers away, for a look at what is below."""
        script = (
            "(ids) => { for (const id of ids) seavigil.map.ml.setLayoutProperty(id, 'visibility', 'none'); }"
        )
        self.page.evaluate(script, layers)
        self.idle()

    def around(self, lon_deg: float, lat_deg: float, by: float = 3.0) -> Box:
        """Give a small box of pixels about a position."""
        x, y = self.pixel(lon_deg, lat_deg)
        return x - by, y - by, x + by, y + by

    def picture(self) -> NDArray[np.uint8]:
        """Give the map's pixels, rows from the north, red green blue; one for each pixel of CSS."""
        shot = self.page.screenshot(clip=self.map_box(), scale="css")
        return np.asarray(Image.open(io.BytesIO(shot)).convert("RGB"))

    def map_box(self) -> Any:
        """Give the map's place on the page."""
        return self.page.locator("#map").bounding_box()

    def shot(self, name: str) -> None:
        """Keep the screen for people to look at."""
        self._shots.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self._shots / f"{name}.png")

    def theme(self, name: str) -> Screen:
        """Show the light or the dark colours, by the button for it."""
        if self.ask("document.documentElement.dataset.theme") != name:
            self.find("#rail .theme").click()
        assert self.ask("document.documentElement.dataset.theme") == name
        return self

    def layer(self, group: str, *, shown: bool) -> None:
        """Switch a layer as one does by hand."""
        words = self.page.evaluate(
            "async (name) => (await import('/static/map/style.js')).GROUPS.find((one) => one[0] === name)[1]",
            group,
        )
        panel = self.page.locator(".map-layers")
        if not panel.is_visible():
            self.page.get_by_role("button", name="Layers and legend").click()
        panel.get_by_label(words, exact=True).set_checked(shown)
        self.idle()

    def told(self, path: str, **query: Any) -> Any:
        """Ask the service what it would tell the page."""
        return self.served.get(path, **query)


def hex_of(pixel: NDArray[np.uint8]) -> str:
    """Write a pixel's colour as styles do."""
    return "#" + "".join(f"{part:02x}" for part in pixel)


def away(pixels: NDArray[np.uint8], colour: str) -> NDArray[np.float64]:
    """Give how far pixels are from a colour, 0 to 441."""
    wanted = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)], dtype=np.float64)
    return np.asarray(np.sqrt(((pixels.astype(np.float64) - wanted) ** 2).sum(axis=-1)))


def words(value: Any) -> str:
    """Write something as JSON, for messages."""
    return json.dumps(value, ensure_ascii=False)
