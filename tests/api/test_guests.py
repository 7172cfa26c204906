"""People of another organisation in the house's watch: what they can neither read off it nor do in it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.house import Browser, House
from tests.api.shown import Shown, invented, shown

#: One cable is a company's own; of another the file says whom to call.
HIDDEN, NAME, OTHER = "demo-link-1", "Demo Link 1", "demo-fibre-2"
PHONE = "+358 9 555 0100"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour with labels, contacts, and a notice about the hidden cable and about another."""
    folder = tmp_path_factory.mktemp("guests")
    nmea, assets = invented(folder)
    whole = json.loads(assets.read_text(encoding="utf-8"))
    for feature in whole["features"]:
        said = feature["properties"]
        said |= {"owner": "Northgrid", "tlp": "AMBER"} if said["name"] == NAME else {}
        said |= {"contacts": [{"name": "Night desk", "phone": PHONE}]} if said["name"] != NAME else {}
    assets.write_text(json.dumps(whole), encoding="utf-8")
    told = [
        {"id": "f1", "asset": NAME, "time": "2025-11-20T04:21:20Z", "noticed": "2025-11-20T04:30Z"},
        {"id": "f2", "asset": OTHER, "time": "2025-11-20T04:43:00Z", "noticed": "2025-11-20T05:00Z"},
    ]
    (notices := folder / "notices.json").write_text(json.dumps(told), encoding="utf-8")
    with shown(folder / "store", [nmea], assets, [notices]) as found:
        yield found


def ids(browser: Browser) -> list[str]:
    """Give the alerts that somebody is shown."""
    return [a["alert_id"] for a in browser.get("/api/alerts?limit=500").json()["alerts"]]


# --- notices ------------------------------------------------------------------------------------


@pytest.mark.parametrize("asset", [HIDDEN, NAME, "Demo Lnk 1"])
def test_an_outage_of_a_hidden_asset_is_one_of_none(theirs: Browser, asset: str) -> None:
    """Neither its id nor its name, nor a name near it, tells that there is one."""
    told = {"time": "2025-11-20T04:21:00Z", "noticed": "2025-11-20T04:31:00Z"}
    answer = theirs.send("POST", "/api/faults", {"asset": asset, **told})
    unknown = theirs.send("POST", "/api/faults", {"asset": "x" * len(asset), **told})
    assert (answer.status_code, unknown.status_code) == (404, 404)
    assert NAME not in answer.json()["detail"].replace(asset, "")
    assert theirs.send("POST", "/api/faults", {"asset": OTHER, **told}).status_code == 202


@pytest.mark.parametrize("how", ["withdraws", "replaces"])
def test_a_notice_is_taken_back_by_the_house_and_the_owner(theirs: Browser, ours: Browser, how: str) -> None:
    """One about a hidden asset is none; one about the house's is not theirs to take back."""
    fault = {"asset": OTHER, "time": "2025-11-20T04:43:00Z"} if how == "replaces" else {}
    for fault_id, status in (("f1", 404), ("f9", 404), ("f2", 403)):
        answer = theirs.send("POST", "/api/faults", {how: fault_id, **fault})
        assert answer.status_code == status, answer.text
    told = {f["fault_id"]: f["withdrawn"] for f in ours.get("/api/faults").json()["faults"]}
    assert (told["f1"], told["f2"]) == (False, False)


def test_the_owner_takes_a_notice_back(owners: Browser) -> None:
    """It is about their cable."""
    told = {"asset": HIDDEN, "time": "2025-11-20T04:22:00Z", "noticed": "2025-11-20T04:30:00Z"}
    answer = owners.send("POST", "/api/faults", told)
    assert answer.status_code == 202
    assert owners.send("POST", "/api/faults", {"withdraws": answer.json()["fault_id"]}).status_code == 202


def test_an_id_is_of_one_notice(theirs: Browser, ours: Browser) -> None:
    """Another under it would be lost, so it is refused; guests' notices are named by what they say."""
    told = {
        "id": "OUTAGE-7",
        "asset": OTHER,
        "time": "2025-11-20T04:40:00Z",
        "noticed": "2025-11-20T04:50:00Z",
    }
    guests = theirs.send("POST", "/api/faults", told)
    assert guests.status_code == 202
    assert guests.json()["fault_id"] != "OUTAGE-7"
    for _ in range(2):  # told again it is the same
        first = ours.send("POST", "/api/faults", told)
        assert (first.status_code, first.json()["fault_id"]) == (202, "OUTAGE-7")
    other = ours.send("POST", "/api/faults", {**told, "time": "2025-11-20T04:41:00Z"})
    assert (other.status_code, "another notice" in other.json()["detail"]) == (409, True)


# --- alerts -------------------------------------------------------------------------------------


def test_who_sees_a_part_of_an_alert_does_not_end_it(theirs: Browser, ours: Browser) -> None:
    """It stands for the hidden cable as well; a note may be written, and the house may end it."""
    (alert,) = theirs.get("/api/alerts?mmsi=299000001").json()["alerts"]
    assert alert["withheld"]["assets"] == 1
    path = f"/api/alerts/{alert['alert_id']}"
    body: dict[str, Any] = {"why": "no danger"}
    for what in ("acknowledge", "close", "retract"):
        answer = theirs.send("POST", f"{path}/{what}", body)
        assert answer.status_code == 403, what
        assert "for the house" in answer.json()["detail"]
    for what in ("note", "escalate"):
        assert theirs.send("POST", f"{path}/{what}", body).status_code == 202
    assert ours.send("POST", f"{path}/acknowledge", body).status_code == 202


def test_of_organisations_an_owner_ends_an_alert(theirs: Browser, owners: Browser) -> None:
    """One about the house's pipeline is nobody else's to end; one about their own cable is."""
    (pipe,) = theirs.get("/api/alerts?mmsi=299000003").json()["alerts"]
    assert not (pipe.get("withheld") or {}).get("assets")
    told = theirs.send("POST", f"/api/alerts/{pipe['alert_id']}/acknowledge", {"why": "seen"})
    assert (told.status_code, "organisation's" in told.json()["detail"]) == (403, True)
    assert theirs.send("POST", f"/api/alerts/{pipe['alert_id']}/note", {"why": "seen"}).status_code == 202
    (alert,) = owners.get("/api/alerts?mmsi=299000001").json()["alerts"]
    told = owners.send("POST", f"/api/alerts/{alert['alert_id']}/acknowledge", {"why": "we call her"})
    assert told.status_code == 202


def test_a_page_does_not_tell_a_hidden_alert_from_none(theirs: Browser, ours: Browser) -> None:
    """To go on after one that is not shown is refused in the words for one that there is not."""
    hidden = next(one for one in ids(ours) if one not in ids(theirs))
    assert ours.get(f"/api/alerts?after={hidden}").status_code == 200
    for at in ("", "&at=2025-11-20T05:00:00Z"):
        told, none = (theirs.get(f"/api/alerts?after={one}{at}") for one in (hidden, "nope"))
        assert (told.status_code, none.status_code) == (400, 400)
        assert told.json()["detail"].replace(hidden, "nope") == none.json()["detail"]


def test_silences_are_read_by_the_house_alone(theirs: Browser, ours: Browser) -> None:
    """What became of one names what is silenced, and why."""
    hidden = next(one for one in ids(ours) if one not in ids(theirs))
    body = {"why": "their works", "arguments": {"for_s": 60, "of": "alert"}}
    see = ours.send("POST", f"/api/alerts/{hidden}/silence", body).json()["see"]
    assert ours.get(see).status_code == 200
    assert theirs.get(see).status_code == 404


# --- assets -------------------------------------------------------------------------------------


def test_whom_to_call_in_a_file_is_for_who_calls(house: House, theirs: Browser) -> None:
    """A list inside of a feature comes through; a viewer finds it nowhere on the page."""
    path = f"/api/assets/{OTHER}"
    told = theirs.get(path).json()
    assert told["contacts"] == [{"name": "Night desk", "role": "", "phone": PHONE, "email": "", "vhf": ""}]
    viewers = house.browser(house.token("viewer")).get(path)
    assert viewers.json()["contacts"] == []
    assert PHONE not in viewers.text


# --- the service itself -------------------------------------------------------------------------


def test_a_status_counts_what_may_be_seen_and_names_no_path(theirs: Browser, ours: Browser) -> None:
    """Alerts and assets are those that are listed; where files lie is the house's own."""
    status, whole = theirs.get("/api/status").json(), ours.get("/api/status").json()
    (url,) = [feed["url"] for feed in whole["feeds"]]
    listed = theirs.get("/api/alerts?limit=500&status=open&status=candidate&status=acknowledged").json()
    assert sum(n for told in status["alerts"].values() for n in told.values()) == len(listed["alerts"])
    assert status["assets"] == len(theirs.get("/api/assets").json()["features"]) == whole["assets"] - 1
    for path in ("/api/status", "/api/feeds", "/healthz", "/livez"):
        text = theirs.get(path).text
        assert url not in text, path
        assert whole["store"]["shown"] not in text, path
    assert set(status) == set(whole)


def test_metrics_are_for_the_house(theirs: Browser, ours: Browser) -> None:
    """They count alerts about hidden assets."""
    assert theirs.get("/metrics").status_code == 403
    assert "seavigil" in ours.get("/metrics").text


def test_statements_count_nothing_hidden(theirs: Browser, ours: Browser) -> None:
    """How much was heard is said; how many alerts and assets there are is not."""
    path = "/api/statements?since=2000-01-01T00:00:00Z"
    (whole,), (told,) = ours.get(path).json()["statements"], theirs.get(path).json()["statements"]
    assert "alerts" in whole["text"]
    assert told["text"] == f"{whole['figures']['reports']:,} reports heard"
    assert not {"alerts", "assets"} & set(told["figures"])
