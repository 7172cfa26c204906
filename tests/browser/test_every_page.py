"""What holds for each page: who sees badly, has no mouse, or a slow line can use it."""

from __future__ import annotations

import itertools

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.browser import near
from tests.browser.conftest import Open
from tests.browser.screen import Screen
from tests.browser.served import Served

NARROW = {"width": 1024, "height": 768}
#: What each page must show before it is looked at.
PAGES = {
    "#/alerts": ".alert-card",
    "#/ships": "#ships-found a.line",
    "#/ships/299000001": "#ship-identity dd",
    "#/assets": "#panel a[href*='demo-link-1']",
    "#/assets/demo-fibre-2": "#asset-passages tbody tr",
    "#/fault": "#fault-form",
    "#/feeds": "#health-feeds dd, #health-feeds p:not(.wait)",
    "#/audit": ".audit table, .audit .empty",
    "#/settings": ".settings dd",
}
#: The least side of what a finger must hit, in pixels (styles/tokens.css).
TOUCH = 40


_FOCUS = """() => {
    const one = document.activeElement;
    const style = getComputedStyle(one), after = getComputedStyle(one, "::after");
    const part = one.closest("#rail, #panel, #map, #timebar")?.id ?? (one.className || one.tagName);
    const outlined = (s) => s.outlineStyle !== "none" && parseFloat(s.outlineWidth) > 0;
    const marked = outlined(style) || outlined(after) || style.boxShadow !== "none";
    return [part, marked, one.outerHTML.slice(0, 90)];
}"""


def serious(screen: Screen) -> list[str]:
    """Give what axe finds that keeps somebody out, with the element."""
    found = Axe().run(screen.page).response["violations"]
    return [
        f"{one['id']}: {node['html'][:160]} {node.get('any', [{}])[:1]}"
        for one in found
        if one["impact"] in ("serious", "critical")
        for node in one["nodes"][:3]
    ]


def seen(screen: Screen, where: str) -> None:
    """Go to a page, and wait for what it is about."""
    screen.go(where)
    screen.find(PAGES[where]).first.wait_for()


@pytest.mark.parametrize("narrow", [False, True], ids=["wide", "narrow"])
def test_nobody_is_kept_out(hour: Served, look: Open, narrow: bool) -> None:
    """axe finds nothing serious on any page, in light and in dark, wide and narrow."""
    screen = look(hour, "#/alerts", **({"viewport": NARROW} if narrow else {})).with_map()
    alert = hour.get("/api/alerts", mmsi="299000001")["alerts"][0]["alert_id"]
    found: dict[str, list[str]] = {}
    for where in [*PAGES, f"#/alerts/{alert}"]:
        if where in PAGES:
            seen(screen, where)
        else:
            screen.go(where)
            screen.find("#alert .sentence").wait_for()
        for theme in ("light", "dark"):
            screen.theme(theme)
            if wrong := serious(screen):
                found[f"{where} {theme}"] = wrong
        name = where.strip("#/").replace("/", "-") or "inbox"
        screen.shot(f"page-{name.replace(alert, 'one')}-{'narrow' if narrow else 'wide'}-dark")
    assert found == {}


def test_nothing_is_too_wide_or_too_small_for_a_finger(hour: Served, look: Open) -> None:
    """At 1024 by 768 no page is wider than the screen, and buttons are as large as a finger."""
    screen = look(hour, "#/alerts", viewport=NARROW).with_map()
    for where in PAGES:
        seen(screen, where)
        wide = screen.ask("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert wide <= 0, where
        boxes = screen.ask("""() => {
            const all = [...document.querySelectorAll("button, #rail a, select, input:not([type=checkbox])")];
            return all.filter((one) => one.offsetParent !== null && !one.closest(".unseen"))
                .map((one) => ({ html: one.outerHTML.slice(0, 90),
                    box: one.getBoundingClientRect().toJSON() }));
        }""")
        small = [
            one["html"]
            for one in boxes
            if min(one["box"]["width"], one["box"]["height"]) < TOUCH - 0.5
            and 'class="small"' not in one["html"]
            and 'class="moment"' not in one["html"]
            and 'type="range"' not in one["html"]
        ]
        assert small == [], where


def test_parts_of_the_page_do_not_lie_on_each_other(hour: Served, look: Open) -> None:
    """Rail, panel, map and time bar share the screen, wide and narrow."""
    screen = look(hour, "#/alerts").with_map()
    for size in ({"width": 1600, "height": 1000}, NARROW):
        screen.page.set_viewport_size(size)  # type: ignore[arg-type]
        screen.idle()
        parts = ("#rail", "#panel", "#map", "#timebar", "#banner")
        boxes = [(part, screen.find(part).bounding_box()) for part in parts]
        for (part, box), (other, beside) in itertools.combinations(boxes, 2):
            assert not near.overlap(box, beside), (part, other)


def test_the_keyboard_reaches_everything(hour: Served, look: Open) -> None:
    """Tab reaches rail, list, map and time bar, the focus is marked; Escape closes what was opened."""
    screen = look(hour, "#/alerts").with_map()
    screen.find(".alert-card").first.wait_for()
    reached: set[str] = set()
    unmarked: list[str] = []
    for _ in range(60):
        screen.page.keyboard.press("Tab")
        part, mark, html = screen.ask(_FOCUS)
        reached.add(part)
        if not mark and part in ("rail", "panel", "map", "timebar"):
            unmarked.append(html)
    assert {"rail", "panel", "map", "timebar"} <= reached
    assert unmarked == []
    screen.find("#map .maplibregl-canvas").focus()
    screen.page.keyboard.press("l")
    screen.find(".map-layers").wait_for()
    screen.page.keyboard.press("Escape")
    screen.find(".map-layers").wait_for(state="hidden")
    screen.find("#map .maplibregl-canvas").focus()
    screen.page.keyboard.press("m")
    screen.page.keyboard.press("Enter")
    screen.find(".map-told").wait_for()
    screen.page.keyboard.press("Escape")
    screen.find(".map-told").wait_for(state="hidden")


def test_what_is_sent_before_the_map_is_small(hour: Served, look: Open) -> None:
    """Pages, styles, scripts and the map library take less than 1.5 MB; the ground comes after."""
    screen = look(hour, "#/alerts").with_map()
    sizes = screen.ask("""() => ["resource", "navigation"]
        .flatMap((kind) => performance.getEntriesByType(kind))
        .map((one) => [one.name, one.transferSize])""")
    ground = [(name, size) for name, size in sizes if "/basemap/" in name]
    rest = sum(size for name, size in sizes if "/basemap/" not in name and "/api/" not in name)
    assert ground
    assert 100_000 < rest < 1_500_000, sorted(sizes, key=lambda one: -one[1])[:6]
