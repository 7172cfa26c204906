"""The inbox and an alert's page: what is told, in which order, why, and what a person does about it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.browser.conftest import Open
from tests.browser.screen import Screen
from tests.browser.served import Served, console

URGENCY = ["urgent", "warning", "advisory", "info"]
ALDER = "299000001"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """Show the invented hour to somebody who answers alerts."""
    with console(tmp_path_factory.mktemp("desk"), "demo", "--console") as served:
        yield served


def cards(screen: Screen) -> list[str]:
    """Give the ids of the cards listed as standing, in their order."""
    found: list[str] = screen.ask(
        "() => [...document.querySelectorAll('.alert-card:not(.over)')].map((one) => one.dataset.alertId)"
    )
    return found


def alder(served: Served) -> str:
    """Give the id of the alert about her."""
    return str(served.get("/api/alerts", mmsi=ALDER)["alerts"][0]["alert_id"])


def test_the_most_pressing_stands_on_top(hour: Served, look: Open) -> None:
    """Standing alerts of the service are all there, by priority; each says what is seen and for how long."""
    screen = look(hour)
    screen.find(".alert-card").first.wait_for()
    told = {one["alert_id"]: one for one in screen.told("/api/alerts", limit=100)["alerts"]}
    standing = [one for one in told.values() if one["status"] == "open"]
    listed = cards(screen)
    assert set(listed) == {one["alert_id"] for one in standing}
    ranks = [URGENCY.index(told[one]["priority"]) for one in listed]
    assert ranks == sorted(ranks)
    first = screen.text(".alert-card")
    assert "warning" in first
    assert "not answered" in first
    assert "EXERCISE ALDER (299000001), drifting" in first
    assert "since 04:21Z, for 53 min" in first
    screen.shot("inbox")


def test_filters_narrow_and_the_rest_is_counted(hour: Served, look: Open) -> None:
    """A priority switched off, a ship's name typed, an asset chosen: what is hidden is said to be hidden."""
    screen = look(hour)
    screen.find(".alert-card").first.wait_for()
    everything = cards(screen)
    screen.find("#inbox-filter [data-priority=info]").click()
    shown = cards(screen)
    assert 0 < len(shown) < len(everything)
    assert "hidden" in screen.text("#panel").lower() or "not shown" in screen.text("#panel").lower()
    screen.find("#inbox-filter [data-priority=info]").click()
    screen.find("#inbox-filter summary").click()
    screen.page.get_by_label("Ship (name, MMSI, call sign)").fill("amber")
    screen.until("document.querySelectorAll('.alert-card:not(.over)').length === 1")
    assert "EXERCISE AMBER" in screen.text(".alert-card")
    screen.find("#inbox-filter [data-action=show-all]").click()
    screen.until("(n) => document.querySelectorAll('.alert-card:not(.over)').length === n", len(everything))


def test_an_empty_list_says_what_was_heard(hour: Served, look: Open) -> None:
    """Two minutes after the beginning nothing stands: that is told with reports, ships and assets heard."""
    screen = look(hour, "#/?at=2025-11-20T04:00:30Z")
    screen.find("#inbox-heard li").first.wait_for()
    said = screen.text("#inbox-heard")
    assert "reports of" in said
    assert "Ships were heard" in said
    screen.shot("inbox-empty")


def test_an_alert_says_why_and_what_else_it_may_be(hour: Served, look: Open) -> None:
    """Sentence, reasons, innocent readings, rate, words for the radio: as the service has them."""
    alert_id = alder(hour)
    screen = look(hour, f"#/alerts/{alert_id}")
    screen.find("#alert-why li").first.wait_for()
    told = screen.told(f"/api/alerts/{alert_id}")
    assert screen.text("#alert .sentence") == told["sentence"]
    assert screen.find("#alert-why .reasons > li").count() == len(told["because"])
    for because in told["because"]:
        assert because["text"] in screen.text("#alert-why")
    readings = screen.find("#alert-innocent .readings > li")
    assert readings.count() == len(told["innocent"])
    assert any(one["text"] in screen.text("#alert-innocent") for one in told["innocent"])
    assert "ship-days" in screen.text("#alert-often")
    for asset in told["alert"]["assets"]:
        assert asset["name"] in screen.text("#alert-assets")
    assert told["contact_sheet"]["vhf"]["words"][0] in screen.text("#alert-contact")
    assert told["contact_sheet"]["note"] in screen.text("#alert-contact")
    assert screen.find("#alert-history li").count() >= len(told["revisions"])
    assert len(screen.with_map().drawn("track-line")) > 0


def test_the_time_left_to_call_runs(hour: Served, look: Open) -> None:
    """Ten minutes later in the data there are ten minutes less to call in."""
    alert_id = alder(hour)
    screen = look(hour, f"#/alerts/{alert_id}?at=2025-11-20T04:50:00Z")
    told = screen.told(f"/api/alerts/{alert_id}", at="2025-11-20T04:50:00Z")["alert"]
    assert told["next_assets"]
    screen.find("#alert-ahead").get_by_text("call within").first.wait_for()
    before = screen.text("#alert-ahead")
    screen.ask("seavigil.clock.set(Date.parse('2025-11-20T04:50:30Z'))")
    screen.until("(before) => document.querySelector('#alert-ahead').innerText !== before", before)


@pytest.mark.parametrize("moment", ["2025-11-20T04:46:00Z"])
def test_in_the_past_nothing_can_be_answered(hour: Served, look: Open, moment: str) -> None:
    """Who looks at a moment that is gone is told to go to the newest first."""
    screen = look(hour, f"#/alerts/{alder(hour)}?at={moment}")
    screen.find("#alert-actions").get_by_text("go to the newest").wait_for()
    assert screen.find("#alert-actions [data-action=acknowledge]").count() == 0


def test_an_alert_is_answered(desk: Served, look: Open) -> None:
    """Acknowledge, note, escalate, close, retract: each is done, and kept with name and reason."""
    alert_id = alder(desk)
    screen = look(desk, f"#/alerts/{alert_id}")
    status = lambda: screen.told(f"/api/alerts/{alert_id}")["alert"]["status"]  # noqa: E731
    steps = [
        ("acknowledge", "seen it", "acknowledged"),
        ("note", "her agent does not answer", "acknowledged"),
        ("escalate", "the second cable", "escalated"),
        ("close", "towed in", "closed"),
        ("retract", "an exercise", "retracted"),
    ]
    for what, why, becomes in steps:
        screen.find(f"#alert-actions [data-action={what}]").click()
        form = screen.find(f"form[data-form={what}]")
        if form.count() or what != "acknowledge":
            name = form.get_by_label("Your name")
            if name.count():
                name.fill("Kai Watch")
            form.locator("textarea").fill(why)
            form.locator("button[type=submit]").click()
        screen.find("#alert-told").get_by_text("Done").wait_for()
        assert status() == becomes, what
    transitions = screen.told(f"/api/alerts/{alert_id}")["transitions"]
    by_kai = [(one["what"], one["who"]) for one in transitions if one["who"] == "Kai Watch"]
    assert [what for what, _ in by_kai] == [what for what, _, _ in steps]
    screen.find("#alert-history").get_by_text("her agent does not answer").wait_for()
    screen.shot("alert-answered")
    # the trail of who did what has them too, the newest first
    screen.go("#/audit")
    screen.find(".audit tbody tr").first.wait_for()
    assert "retract" in screen.text(".audit tbody tr")
    screen.shot("audit")


def test_a_note_without_words_is_not_taken(desk: Served, look: Open) -> None:
    """Who wants to note must say what."""
    advisory = desk.get("/api/alerts", priority="advisory")["alerts"][0]["alert_id"]
    screen = look(desk, f"#/alerts/{advisory}")
    screen.find("#alert-actions [data-action=note]").click()
    screen.find("form[data-form=note] button[type=submit]").click()
    assert screen.find("form[data-form=note] textarea:invalid").count() == 1
    screen.page.keyboard.press("Escape")
    screen.until("document.querySelector('form[data-form=note]') === null")


def test_the_sound_is_asked_for_not_forced(hour: Served, look: Open) -> None:
    """A recording has no alarm to sound; no page asks for permission by itself."""
    screen = look(hour)
    screen.find(".alert-card").first.wait_for()
    assert screen.find("[data-action=sound]").first.is_hidden()
    assert screen.ask("Notification.permission") in ("default", "denied")


def test_what_nobody_was_heard_along_is_said_beside_alerts(hour: Served, look: Open) -> None:
    """Also where something stands, and on Health, which then does not say that nothing is wrong."""
    nowhere = {"/api/areas": {"type": "FeatureCollection", "features": []}}
    screen = look(hour, "#/", answers=nowhere)
    screen.find("#inbox-unheard a").wait_for()
    assert "Nobody was heard along 4 of 4 assets" in screen.text("#inbox-unheard")
    screen.find("#inbox-unheard a").click()
    screen.find("#health-blind").wait_for()
    assert "along 4 of 4 assets" in screen.text("#health-blind")
    assert "nothing known" not in screen.text("#health-problems")


def test_a_link_that_cannot_be_shown_says_so(hour: Served, look: Open) -> None:
    """A time without data, and a page that is not there."""
    screen = look(hour, "#/nowhere?at=1900-01-01T00:00:00Z")
    screen.find("#notices p").nth(1).wait_for()
    said = screen.text("#notices")
    assert "There are no data of 1900-01-01 00:00:00Z" in said
    assert "There is no page “nowhere”" in said
