"""From an alert's page it, or the like of it, can be silenced for a time, and told again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from seavigil.alerts import Command
from seavigil.alerts.silences import silence_of
from seavigil.api.silencing import silence_order, unsilence_order
from tests.api.house import House
from tests.api.shown import Shown, invented, shown

HOUR_US = 3_600_000_000
LINE: dict[str, Any] = {
    "alert_id": "a1",
    "vessel": {"mmsi": 219165000},
    "behaviours": ["asset_following", "crossing"],
    "assets": [{"asset_id": "link-1"}],
    "feed": None,
}


@pytest.fixture
def console(tmp_path: Path) -> Iterator[Shown]:
    """Give the invented hour in a console of one's own."""
    nmea, assets = invented(tmp_path)
    with shown(tmp_path / "store", [nmea], assets) as found:
        yield found


def _silence(line: dict[str, Any], said: dict[str, Any]) -> Any:
    order = silence_order(line, said)
    return silence_of(Command("c1", "silence", order["alert_id"], "kai", "cable ship", order["arguments"]), 0)


def test_one_alert_is_silenced_by_its_id_and_for_as_long_as_said() -> None:
    """Nothing else is silenced with it, and urgent ones are told all the same (docs/howto/alerts.md)."""
    found = _silence(LINE, {"for_s": 3600})
    assert (found.alerts, found.mmsi, found.assets) == ({"a1"}, frozenset(), frozenset())
    assert (found.until_us, found.at_most_priority) == (HOUR_US, "warning")


def test_the_like_is_the_same_ship_doing_the_same_near_the_same_assets() -> None:
    """Whatever is not expected of her breaks through: another behaviour, another asset."""
    found = _silence(LINE, {"for_s": 60, "of": "like", "at_most_priority": "urgent"})
    assert (found.mmsi, found.assets) == ({219165000}, {"link-1"})
    assert found.behaviours == {"asset_following", "crossing"}
    assert (found.alerts, found.at_most_priority) == (frozenset(), "urgent")


def test_the_like_of_an_alert_about_a_feed_is_that_feed() -> None:
    """A receiver that is being moved is silent for hours."""
    line = {**LINE, "vessel": None, "feed": {"name": "coast"}, "assets": []}
    assert _silence(line, {"for_s": 60, "of": "like"}).feeds == {"coast"}


def test_a_ship_near_nothing_is_silenced_without_assets() -> None:
    """An empty list of assets would be none given, and so is left out."""
    assert "assets" not in silence_order({**LINE, "assets": []}, {"for_s": 1, "of": "like"})["arguments"]


@pytest.mark.parametrize(
    ("line", "said", "says"),
    [
        (LINE, {"for_s": 60, "of": "everything"}, "of is one of"),
        (LINE, {"for_s": 60, "assets": ["link-2"]}, "'assets' is not known"),
        ({**LINE, "vessel": None}, {"for_s": 60, "of": "like"}, "no ship and no feed"),
    ],
)
def test_nobody_silences_from_here_what_is_not_the_alerts(
    line: dict[str, Any], said: dict[str, Any], says: str
) -> None:
    """What a silence is of comes from the alert that is seen, never from who asks."""
    with pytest.raises(ValueError, match=says):
        silence_order(line, said)


def test_what_is_not_silenced_cannot_be_told_again() -> None:
    """The silence that is ended is the one the alert names."""
    assert unsilence_order({**LINE, "silenced_by": "s1"})["arguments"] == {"silence_id": "s1"}
    with pytest.raises(ValueError, match="not silenced"):
        unsilence_order(LINE)


def test_an_operator_silences_an_alert_and_has_it_told_again(console: Shown) -> None:
    """The alert itself says by which silence nobody is told; asked to, it is told again."""
    path = f"/api/alerts/{console.get('/api/alerts?priority=advisory')['alerts'][0]['alert_id']}"
    done = console.command(f"{path}/silence", why="her set is being mended", arguments={"for_s": 3600})
    assert (done["kind"], done["alert_id"], done["state"]) == ("silence", None, "done")
    assert console.get(path)["alert"]["silenced_by"] == done["command_id"]
    assert console.command(f"{path}/unsilence", why="mended")["state"] == "done"
    assert "silenced_by" not in console.get(path)["alert"]


def test_silences_are_for_the_house_alone(console: Shown) -> None:
    """An organisation answers alerts about its assets; whom the house tells of them is not its to say."""
    house = House(console.recorded, console.recorded.database)
    theirs, ours = (house.browser(house.token("operator", of)) for of in ("Coast Guard", None))
    (alert,) = theirs.get("/api/alerts?priority=advisory").json()["alerts"]
    path, body = f"/api/alerts/{alert['alert_id']}/silence", {"why": "x", "arguments": {"for_s": 60}}
    assert theirs.send("POST", path, body).status_code == 403
    assert ours.send("POST", path, body).status_code == 202
    assert ours.send("POST", path, {"why": "x", "arguments": {"of": "all"}}).status_code == 400
    house.app.state.inquiries.stop()
