"""The past: what is shown of a moment is what was known then."""

from __future__ import annotations

import re
from typing import Any

from tests.browser.conftest import Open
from tests.browser.screen import Screen
from tests.browser.served import Served

MOMENT = "2025-11-20T04:30:00Z"


def shown(screen: Screen) -> set[str]:
    """Give the ids of the alerts that the inbox lists, over or standing."""
    return set(
        screen.ask("() => [...document.querySelectorAll('.alert-card')].map((one) => one.dataset.alertId)")
    )


def stood(served: Served, moment: str) -> dict[str, Any]:
    """Give the alerts of the whole hour that had been told of at a moment."""
    found = served.get("/api/alerts", limit=200)["alerts"]
    return {one["alert_id"]: one for one in found if one["detected_at"] <= moment}


def test_the_slider_shows_what_stood_then(hour: Served, look: Open) -> None:
    """At half past four every alert listed had been told of, and every standing one is there."""
    screen = look(hour).with_map()
    screen.find(".alert-card").first.wait_for()
    slider = screen.find("#timebar input[type=range]")
    slider.focus()
    for _ in range(45):  # a minute each, from 05:15:01
        screen.page.keyboard.press("ArrowLeft")
    screen.until("seavigil.clock.iso()?.startsWith('2025-11-20T04:30:01')")
    known = stood(hour, "2025-11-20T04:30:01Z")
    standing = {
        one["alert_id"]
        for one in hour.get("/api/alerts", at="2025-11-20T04:30:01Z", limit=200)["alerts"]
        if one["status"] == "open"
    }
    assert standing
    screen.until("(n) => document.querySelectorAll('.alert-card:not(.over)').length === n", len(standing))
    assert standing <= shown(screen) <= set(known)
    screen.until("Date.parse(seavigil.map.parts.ships.asOf()) <= Date.parse('2025-11-20T04:30:02Z')")
    ages = screen.ask("seavigil.map.parts.ships.list().map((one) => one.properties.age_s)")
    assert min(ages) >= 0
    screen.shot("replay")


def test_a_link_brings_back_moment_ship_and_place(hour: Served, look: Open) -> None:
    """What the address says is what is shown: the moment, whom, and where on the map."""
    first = look(hour, f"#/ships/299000001?at={MOMENT}&z=11.00,59.90000,25.42000").with_map()
    first.until(
        "(at) => seavigil.clock.iso() !== null && Date.parse(seavigil.clock.iso()) === Date.parse(at)", MOMENT
    )
    address = first.ask("location.hash")
    second = look(hour, address).with_map()
    assert second.ask("Date.parse(seavigil.clock.iso())") == first.ask("Date.parse(seavigil.clock.iso())")
    assert second.ask("seavigil.map.ml.getZoom()") == first.ask("seavigil.map.ml.getZoom()")
    assert second.text("#panel h1") == "EXERCISE ALDER"
    ship = next(one for one in hour.get("/api/picture", at=MOMENT)["features"] if one["id"] == "299000001")
    assert {
        one["vessel_id"]
        for one in second.drawn("ships-hull", second.around(*ship["geometry"]["coordinates"]))
    } >= {"299000001"}


def test_an_alert_that_did_not_stand_yet_says_so(hour: Served, look: Open) -> None:
    """It offers the moment at which it first stood."""
    alert = hour.get("/api/alerts", mmsi="299000001")["alerts"][0]
    screen = look(hour, f"#/alerts/{alert['alert_id']}?at=2025-11-20T04:10:00Z")
    screen.forgive("404")
    screen.find("#alert-fault").get_by_text("did not stand yet").wait_for()
    screen.find("#alert-fault").get_by_role("button", name="Show that moment").click()
    screen.find("#alert .sentence").wait_for()
    assert screen.ask("Date.parse(seavigil.clock.iso())") >= 1763612477000  # 04:21:17


def test_a_fast_run_ends_at_the_end(hour: Served, look: Open) -> None:
    """An hour and a quarter at a thousand times takes four and a half seconds, and stops by itself."""
    screen = look(hour, "#/").with_map()
    screen.page.get_by_label("Speed", exact=True).select_option("1000")
    screen.find("#timebar .time-play").click()
    screen.until(
        "seavigil.clock.playing && Date.parse(seavigil.clock.iso()) < Date.parse('2025-11-20T05:10:00Z')"
    )
    screen.until("!seavigil.clock.playing")
    assert screen.ask("Date.parse(seavigil.clock.iso())") == screen.ask("seavigil.clock.ended")
    screen.until("Date.parse(seavigil.map.parts.ships.asOf()) >= Date.parse('2025-11-20T05:15:00Z')")
    standing = {
        one["alert_id"] for one in hour.get("/api/alerts", limit=100)["alerts"] if one["status"] == "open"
    }
    screen.until("(n) => document.querySelectorAll('.alert-card:not(.over)').length === n", len(standing))
    assert standing <= shown(screen)


def test_a_time_can_be_typed(hour: Served, look: Open) -> None:
    """A time of the day means the day shown; nonsense is refused with an example."""
    screen = look(hour)
    screen.find("#timebar .time-now").click()
    screen.find(".time-jump input").fill("half past four")
    screen.find(".time-jump button[type=submit]").click()
    assert re.search(r"Write a time as", screen.text("#time-fault"))
    screen.find(".time-jump input").fill("04:30")
    screen.find(".time-jump button[type=submit]").click()
    assert screen.ask("seavigil.clock.iso()") == "2025-11-20T04:30:00.000Z"
