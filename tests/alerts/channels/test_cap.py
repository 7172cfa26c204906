"""CAP 1.2: messages as the standard wants them, a feed that lists them, no more of either than is kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from seavigil.alerts import Area, Feed
from seavigil.alerts.channels import PassingFailure, channel_of
from seavigil.alerts.channels.cap import CapParams, Reference, cap_of
from seavigil.alerts.channels.compose import digest_of, notice, trial
from seavigil.alerts.channels.contract import Message
from tests.alerts.channels.cap_rules import CAP, TIME, faults
from tests.alerts.channels.letters import CREATED_US, alert, exercise, message, payload, run, tools

ATOM = "{http://www.w3.org/2005/Atom}"
PARAMS = CapParams(sender="watch@example.org")
FEED_ALERT: dict[str, Any] = {
    "vessel": None,
    "feed": Feed("coast", "tcp://192.0.2.1:4001", "mute"),
    "assets": (),
    "lat_deg": None,
    "lon_deg": None,
}
AREA_ALERT = FEED_ALERT | {"feed": None, "area": Area("59.0N 24.0E", 59.0, 24.0, 59.5, 25.0)}


def channel(folder: Path, **options: Any) -> Any:
    """Give a channel that writes into a folder: as after a start, without memory."""
    return channel_of("cap", {"sender": "watch@example.org", **options}, tools(folder), str)


def write(folder: Path, *told: Message, **options: Any) -> list[str]:
    """Send messages; gives what was said of each."""
    writes = channel(folder, **options)
    return [run(lambda one=one: writes.send(one)).says for one in told]


def text(xml: bytes | Path, name: str) -> str | None:
    """Give the text of the first element of that name."""
    root = etree.fromstring(xml.read_bytes() if isinstance(xml, Path) else xml)
    found = root.find(f".//{{{CAP}}}{name}")
    return None if found is None else found.text


def entries(folder: Path) -> list[Any]:
    """Give the entries of the feed, as they stand there."""
    return etree.parse(folder / "cap" / "feed.atom").getroot().findall(f"{ATOM}entry")


def files(folder: Path) -> list[str]:
    """Give the names of the messages there are."""
    return sorted(path.name for path in (folder / "cap" / "messages").iterdir())


@pytest.mark.parametrize(
    "told",
    [
        message(),
        exercise(),
        trial("cap", CREATED_US),
        notice("trouble:1:mail", "Channel mail does not work", "It said: no.", CREATED_US),
        digest_of(["a:1:x", "b:1:x"], [payload("a"), payload("b")], CREATED_US),
        message(payload(priority="urgent", status="escalated")),
        message(payload(priority="info", status="closed", ended_us=CREATED_US)),
        message(payload(**FEED_ALERT)),
        message(payload(**AREA_ALERT)),
    ],
    ids=["alert", "exercise", "test", "notice", "digest", "urgent", "closed", "feed", "area"],
)
@pytest.mark.parametrize(
    "params",
    [
        PARAMS,
        replace(PARAMS, scope="Public"),
        replace(PARAMS, scope="Private", addresses=["duty@example.org", "VTS Helsinki"]),
        replace(PARAMS, sender_name="The watch", contact="+358 1", web="https://example.org/a"),
    ],
    ids=["restricted", "public", "private", "said"],
)
def test_every_message_is_as_the_standard_wants_it(told: Message, params: CapParams) -> None:
    """Elements, their order and number, their values, times, areas and references."""
    assert faults(cap_of(told, params)) == []
    assert (
        faults(
            cap_of(told, params, [Reference("watch@example.org", "seavigil.a", "2025-11-20T04:00:00-00:00")])
        )
        == []
    )


def test_the_rules_find_what_is_wrong() -> None:
    """Near miss: a message that breaks the standard is found to."""
    good = cap_of(message(), PARAMS)
    assert faults(good.replace(b"<status>Actual</status>", b"<status>Real</status>")) == ["status is Real"]
    assert faults(good.replace(b"-00:00</sent>", b"Z</sent>")) != []
    assert faults(good.replace(b"<scope>Restricted</scope>", b"")) == ["0 times scope"]
    assert faults(good.replace(b"<msgType>Alert", b"<msgType>Update")) == ["Update of nothing"]


def test_a_message_says_what_the_alert_says() -> None:
    """Names, place, times and priority as the standard's words have them."""
    xml = cap_of(message(), PARAMS)
    expected = {
        "identifier": "seavigil.3bb711db5a773f21.1.x",
        "sent": "2025-11-20T04:21:16-00:00",
        "status": "Actual",
        "msgType": "Alert",
        "urgency": "Expected",
        "severity": "Moderate",
        "certainty": "Likely",
        "event": "Undersea infrastructure: drifting, crossed",
        "onset": "2025-11-20T04:21:14-00:00",
        "expires": "2025-11-21T04:21:16-00:00",
        "circle": "59.88442,25.37324 5",
        "areaDesc": "ALDER (219000001, Denmark); Link 1 at 04:21Z, km 29.2",
    }
    assert {name: text(xml, name) for name in expected} == expected
    assert text(xml, "description") == message().text


def test_an_area_is_a_closed_polygon_latitude_first() -> None:
    """Five corners, the last one the first."""
    assert (
        text(cap_of(message(payload(**AREA_ALERT)), PARAMS), "polygon") == "59,24 59,25 59.5,25 59.5,24 59,24"
    )


def test_an_exercise_has_the_status_exercise() -> None:
    """Whoever sorts by status acts on none; the words say it too."""
    xml = cap_of(exercise(), PARAMS)
    assert text(xml, "status") == "Exercise"
    assert text(xml, "note") == "EXERCISE EXERCISE EXERCISE"
    for name in ("headline", "description"):
        assert (text(xml, name) or "").startswith("EXERCISE EXERCISE EXERCISE")
    assert text(cap_of(trial("cap", CREATED_US), PARAMS), "status") == "Test"


def test_an_innocent_reading_that_fits_makes_it_possible_only() -> None:
    """Certainty follows what speaks against; observed it never is."""
    fits = ({"code": "fishing", "text": "fishing", "fits": True, "for": [], "against": []},)
    assert text(cap_of(message(payload(innocent_readings=fits)), PARAMS), "certainty") == "Possible"


def test_later_revisions_update_and_a_retraction_cancels(tmp_path: Path) -> None:
    """Each names all that came before of the same alert, and of no other."""
    write(
        tmp_path,
        message(payload("a", 1)),
        message(payload("b", 1)),
        message(payload("a", 2)),
        message(payload("a", 3, status="retracted", retracted_because="heard_late")),
    )
    folder = tmp_path / "cap" / "messages"
    types = {path.stem: text(path, "msgType") for path in sorted(folder.iterdir())}
    assert types == {
        "seavigil.a.1.x": "Alert",
        "seavigil.a.2.x": "Update",
        "seavigil.a.3.x": "Cancel",
        "seavigil.b.1.x": "Alert",
    }
    sent = "2025-11-20T04:21:16-00:00"
    first, second = (f"watch@example.org,seavigil.a.{n}.x,{sent}" for n in (1, 2))
    assert text(folder / "seavigil.a.2.x.xml", "references") == first
    assert text(folder / "seavigil.a.3.x.xml", "references") == f"{first} {second}"
    assert [faults(path.read_bytes()) for path in folder.iterdir()] == [[]] * 4


def test_the_feed_lists_messages_the_newest_first(tmp_path: Path) -> None:
    """An Atom feed (RFC 4287): ids, titles, times, and links to files that are there."""
    write(tmp_path, message(payload("a")), message(payload("b"), created_us=CREATED_US + 60_000_000))
    root = etree.parse(tmp_path / "cap" / "feed.atom").getroot()
    assert [root.findtext(f"{ATOM}{name}") is not None for name in ("id", "title", "updated")] == [True] * 3
    assert root.findtext(f"{ATOM}updated") == "2025-11-20T04:22:16Z"
    assert root.find(f"{ATOM}author") is not None
    found = entries(tmp_path)
    links = [entry.find(f"{ATOM}link") for entry in found]
    assert [link.get("href") for link in links] == [
        "messages/seavigil.b.1.x.xml",
        "messages/seavigil.a.1.x.xml",
    ]
    assert [link.get("type") for link in links] == ["application/cap+xml"] * 2
    assert all((tmp_path / "cap" / link.get("href")).exists() for link in links)
    ids = [entry.findtext(f"{ATOM}id") for entry in found]
    assert len(set(ids)) == 2
    assert all(name.startswith("urn:uuid:") for name in ids)


def test_a_repeat_changes_nothing(tmp_path: Path) -> None:
    """Sent again by the same program or by the next one: the same files, byte for byte."""
    write(tmp_path, message(payload("a", 1)), message(payload("a", 2)))
    before = {path: path.read_bytes() for path in (tmp_path / "cap").rglob("*") if path.is_file()}
    assert write(tmp_path, message(payload("a", 1)), message(payload("a", 2))) == ["written before"] * 2
    assert {path: path.read_bytes() for path in (tmp_path / "cap").rglob("*") if path.is_file()} == before


def test_a_crash_between_message_and_feed(tmp_path: Path) -> None:
    """The message lies there and the feed does not name it: sent again, it is named, and stays as it was."""
    write(tmp_path, message(payload("a", 1)))
    feed = (tmp_path / "cap" / "feed.atom").read_bytes()
    write(tmp_path, message(payload("a", 2)))
    second = tmp_path / "cap" / "messages" / "seavigil.a.2.x.xml"
    before = second.read_bytes()
    (tmp_path / "cap" / "feed.atom").write_bytes(feed)
    assert write(tmp_path, message(payload("a", 2))) == ["1 messages written"]
    assert second.read_bytes() == before
    assert len(entries(tmp_path)) == 2


@pytest.mark.parametrize(
    "damage", [None, b"", b"<feed", b"<feed xmlns='http://www.w3.org/2005/Atom'><entry/></feed>"]
)
def test_a_lost_feed_is_made_anew(tmp_path: Path, damage: bytes | None) -> None:
    """The messages themselves say what there was."""
    write(tmp_path, message(payload("a", 1)), message(payload("b", 1)))
    path = tmp_path / "cap" / "feed.atom"
    path.unlink() if damage is None else path.write_bytes(damage)
    write(tmp_path, message(payload("a", 2)))
    assert len(entries(tmp_path)) == 3
    assert text(tmp_path / "cap" / "messages" / "seavigil.a.2.x.xml", "msgType") == "Update"


def test_no_more_is_kept_than_asked(tmp_path: Path) -> None:
    """The oldest go, from the feed and from the disk."""
    write(tmp_path, *(message(payload(f"a{n}")) for n in range(5)), keep=3)
    assert len(entries(tmp_path)) == 3
    assert files(tmp_path) == [f"seavigil.a{n}.1.x.xml" for n in (2, 3, 4)]


def test_an_update_of_what_is_no_longer_kept_is_an_alert(tmp_path: Path) -> None:
    """Nothing is referred to that cannot be read."""
    write(tmp_path, message(payload("a", 1)), message(payload("b")), message(payload("a", 2)), keep=1)
    path = tmp_path / "cap" / "messages" / "seavigil.a.2.x.xml"
    assert (text(path, "msgType"), text(path, "references")) == ("Alert", None)


def test_no_half_file_is_ever_seen(tmp_path: Path) -> None:
    """Whole or not there: nothing but messages and the feed is left lying about."""
    write(tmp_path, message(payload("a")), trial("cap", CREATED_US))
    names = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert names == [
        "cap/feed.atom",
        "cap/messages/seavigil.a.1.x.xml",
        f"cap/messages/seavigil.test.{CREATED_US}.cap.xml",
    ]


def test_a_folder_that_cannot_be_written_passes(tmp_path: Path) -> None:
    """A file stands where the folder should be: told with its name."""
    (tmp_path / "cap").write_text("")
    with pytest.raises(PassingFailure, match="cap"):
        write(tmp_path, message())


@given(st.text(max_size=30), st.text(min_size=1, max_size=20))
def test_nothing_that_a_ship_sends_breaks_the_xml(name: str, asset_id: str) -> None:
    """Control characters, brackets, any script: the message stays one that the standard allows."""
    vessel = replace(alert().vessel or pytest.fail("no vessel"), name=name)
    following = ({**alert().next_assets[0], "asset_id": asset_id},)
    assert faults(cap_of(message(payload(vessel=vessel, next_assets=following)), PARAMS)) == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"sender": "the watch"}, "no spaces, commas"),
        ({"scope": "Secret"}, "scope"),
        ({"scope": "Private"}, "addresses: say for whom"),
        ({"restriction": ""}, "restriction: say who"),
        ({"radius_km": 0}, "above 0"),
        ({"keep": 0}, "above 0"),
    ],
)
def test_settings_that_cannot_be_meant(options: dict[str, Any], said: str) -> None:
    """Refused at the start, in words."""
    with pytest.raises(ValueError, match=r".") as raised:
        channel(Path(), **options)
    assert said in str(raised.value)


def test_times_are_those_of_the_standard() -> None:
    """Every time in a message has the form that the standard gives, fractions left out."""
    xml = cap_of(message(created_us=CREATED_US + 500_000), PARAMS)
    for name in ("sent", "effective", "onset", "expires"):
        assert TIME.fullmatch(text(xml, name) or "")
