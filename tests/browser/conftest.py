"""A browser and what it looks at. Without chromium or the map library the tests skip, but where CI is set."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from seavigil.console import missing
from tests.browser.screen import Screen
from tests.browser.served import Served, console

_ARGUMENTS = (
    "--enable-unsafe-swiftshader",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # nobody but this machine can be found: what is asked of others fails even where no test looks
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)
#: Where screens are kept for people to look at.
_SHOTS = Path(os.environ.get("SEAVIGIL_SCREENSHOTS") or "build/screenshots")

Open = Callable[..., Screen]


def _lacks() -> str | None:
    """Say what is not there for a browser test, None for nothing."""
    if shutil.which("chromium") is None:
        return "chromium is not installed (Debian: chromium, fonts-dejavu-core)"
    return missing()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """Give Debian's chromium without a window. Its loop must not outlive these tests: others have theirs."""
    if lacks := _lacks():
        if os.environ.get("CI"):
            pytest.fail(lacks)
        pytest.skip(lacks)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), chromium_sandbox=False, args=list(_ARGUMENTS)
        )
        try:
            yield browser
        finally:
            browser.close()


@pytest.fixture
def look(chromium: Browser) -> Iterator[Open]:
    """Give what opens a page: ``look(served, "#/ships")``. In the end nothing may be wrong with any."""
    with ExitStack() as stack:
        screens: list[Screen] = []

        def open_(served: Served, where: str = "#/", **settings: object) -> Screen:
            screen = Screen(chromium, served, _SHOTS, settings)
            stack.callback(screen.close)
            screens.append(screen)
            screen.open(where)
            return screen

        yield open_
        for screen in screens:
            screen.sound()


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Show the invented hour, with places and word of an outage, as `seavigil demo --console` does."""
    with console(tmp_path_factory.mktemp("hour"), "demo", "--console") as served:
        yield served


@pytest.fixture(scope="session")
def network(tmp_path_factory: pytest.TempPathFactory, shared_data: Path) -> Iterator[Served]:
    """Show five minutes of the Danish shore network, with power cables and traffic lanes."""
    recording = shared_data / "ais" / "dk-network-20131112.nmea.gz"
    given = [
        "--assets", shared_data / "assets" / "submarine_power_cables.geojson",
        "--places", shared_data / "assets" / "osm_tss.geojson",
    ]  # fmt: skip
    with console(tmp_path_factory.mktemp("network"), "console", recording, *given) as served:
        yield served
