"""Alerts, notices and inquiries before people of other organisations: what is hidden stays hidden."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.api.house import Browser, House
from tests.api.shown import Shown, invented, shown

#: One cable is a company's own: nobody else may know where it lies or what happens there.
HIDDEN, NAME = "demo-link-1", "Demo Link 1"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour, one of its cables labelled, with a notice about that cable."""
    folder = tmp_path_factory.mktemp("labelled")
    nmea, assets = invented(folder)
    whole = json.loads(assets.read_text(encoding="utf-8"))
    (link,) = [f for f in whole["features"] if f["properties"]["name"] == NAME]
    link["properties"] |= {"owner": "Northgrid", "tlp": "AMBER"}
    assets.write_text(json.dumps(whole), encoding="utf-8")
    told = [
        {"id": "f1", "asset": NAME, "time": "2025-11-20T04:21:20Z", "noticed": "2025-11-20T04:30Z"},
        {"id": "f2", "asset": "Demo Fibre 2", "time": "2025-11-20T04:43:00Z", "noticed": "2025-11-20T05:00Z"},
    ]
    (notices := folder / "notices.json").write_text(json.dumps(told), encoding="utf-8")
    with shown(folder / "store", [nmea], assets, [notices]) as found:
        yield found


def test_no_answer_names_a_hidden_asset(ours: Browser, theirs: Browser, owners: Browser) -> None:
    """In lists, at any moment, and in all that is said of one alert, neither its id nor its name comes."""
    every = {a["alert_id"] for a in ours.get("/api/alerts?limit=500").json()["alerts"]}
    seen = {a["alert_id"] for a in theirs.get("/api/alerts?limit=500").json()["alerts"]}
    assert seen < every
    assert {a["alert_id"] for a in owners.get("/api/alerts?limit=500").json()["alerts"]} == every
    paths = ["/api/alerts?limit=500", "/api/alerts?limit=500&at=2025-11-20T04:46:00Z", "/api/faults"]
    paths += [f"/api/alerts/{alert_id}" for alert_id in seen]
    for path in paths:
        text = theirs.get(path).text
        assert HIDDEN not in text, path
        assert NAME not in text, path
    for alert_id in every - seen:
        assert theirs.get(f"/api/alerts/{alert_id}").status_code == 404
        assert ours.get(f"/api/alerts/{alert_id}").status_code == 200


def test_an_alert_about_several_keeps_the_rest(ours: Browser, theirs: Browser) -> None:
    """She went over both cables: who may not see the first is told of the second alone."""
    asked = "/api/alerts?mmsi=299000001"
    (whole,), (part,) = (who.get(asked).json()["alerts"] for who in (ours, theirs))
    assert {a["name"] for a in whole["assets"]} == {NAME, "Demo Fibre 2"}
    assert [a["name"] for a in part["assets"]] == ["Demo Fibre 2"]
    assert part["withheld"]["assets"] == 1
    assert "Demo Fibre 2" in part["sentence"]
    assert {f["fault_id"] for f in part["faults"]} == {"f2"}


def test_whom_to_call_is_for_who_calls(house: House, theirs: Browser, owners: Browser) -> None:
    """People to call about an asset are told to operators who may see it, with the alert's contact sheet."""
    told = {"contacts": [{"name": "Northgrid desk", "phone": "+358 0"}], "why": "their letter"}
    assert owners.send("PATCH", f"/api/assets/{HIDDEN}", told).status_code == 200
    (alert,) = owners.get("/api/alerts?mmsi=299000001").json()["alerts"]
    path = f"/api/alerts/{alert['alert_id']}"
    (contact,) = owners.get(path).json()["contact_sheet"]["contacts"]
    assert (contact["asset_name"], contact["name"]) == (NAME, "Northgrid desk")
    viewer = house.browser(house.token("viewer", "Northgrid"))
    assert viewer.get(path).json()["contact_sheet"]["contacts"] == []
    assert theirs.get(path).json()["contact_sheet"]["contacts"] == []


def test_pages_are_full_though_some_are_withheld(ours: Browser, theirs: Browser) -> None:
    """Every page but the last has as many as were asked for; together they are all that may be seen."""
    whole = [a["alert_id"] for a in theirs.get("/api/alerts?limit=500").json()["alerts"]]
    assert len(whole) < len(ours.get("/api/alerts?limit=500").json()["alerts"])
    paged: list[list[str]] = []
    after = ""
    while True:
        page = theirs.get(f"/api/alerts?limit=3{after}").json()
        paged.append([a["alert_id"] for a in page["alerts"]])
        if page["next"] is None:
            break
        after = f"&after={page['next']}"
    assert [alert_id for page in paged for alert_id in page] == whole
    assert all(len(page) == 3 for page in paged[:-1])


def test_asking_for_a_hidden_asset_finds_nothing(theirs: Browser, owners: Browser) -> None:
    """A filter by its id does not tell whether there is one; nor does an inquiry, or a notice's list."""
    assert theirs.get(f"/api/alerts?asset={HIDDEN}").json() == {"alerts": [], "next": None}
    assert owners.get(f"/api/alerts?asset={HIDDEN}").json()["alerts"]
    assert [f["fault_id"] for f in theirs.get("/api/faults").json()["faults"]] == ["f2"]
    assert [f["fault_id"] for f in owners.get("/api/faults").json()["faults"]] == ["f1", "f2"]
    told = {"asset": HIDDEN, "at": "2025-11-20T04:21:00Z"}
    refused = theirs.send("POST", "/api/suspects", told)
    unknown = theirs.send("POST", "/api/suspects", {**told, "asset": "demo-lnk-9"})
    assert refused.status_code == unknown.status_code == 404
    assert NAME not in refused.json()["detail"]
    assert refused.json()["detail"].replace(HIDDEN, "X").startswith("no asset has the id or name 'X'")
    assert NAME not in unknown.json()["detail"]


def test_an_inquiry_about_a_hidden_asset_is_its_owners(theirs: Browser, owners: Browser) -> None:
    """Whoever is given the number of an inquiry about it finds none."""
    asked = owners.send("POST", "/api/suspects", {"asset": NAME, "at": "2025-11-20T04:21:00Z"})
    see = asked.json()["see"]
    assert owners.get(see).status_code == 200
    assert theirs.get(see).status_code == 404


def test_an_answer_to_a_hidden_alert(ours: Browser, theirs: Browser) -> None:
    """Nobody answers an alert that he may not see, and nobody reads what others asked of it."""
    seen = {a["alert_id"] for a in theirs.get("/api/alerts?limit=500").json()["alerts"]}
    every = [a["alert_id"] for a in ours.get("/api/alerts?limit=500").json()["alerts"]]
    hidden = next(alert_id for alert_id in every if alert_id not in seen)
    assert theirs.send("POST", f"/api/alerts/{hidden}/note", {"why": "x"}).status_code == 404
    told = ours.send("POST", f"/api/alerts/{hidden}/note", {"why": "x"})
    assert told.status_code == 202
    assert ours.get(told.json()["see"]).status_code == 200
    assert theirs.get(told.json()["see"]).status_code == 404


def test_who_asks_is_who_signed_in(house: House) -> None:
    """A name in the body is refused where people are known: it could be anybody's."""
    operator = house.browser(house.token("operator", name="night desk"))
    (alert,) = operator.get("/api/alerts?priority=advisory").json()["alerts"]
    path = f"/api/alerts/{alert['alert_id']}/acknowledge"
    assert operator.send("POST", path, {"why": "x", "who": "the captain"}).status_code == 400
    asked = operator.send("POST", path, {"why": "x"})
    assert asked.status_code == 202
    assert operator.get(asked.json()["see"]).json()["who"] == "token:night desk"


def test_viewers_only_look(house: House) -> None:
    """Answering, telling of an outage and asking for suspects take an operator."""
    viewer = house.browser(house.token("viewer"))
    (alert,) = viewer.get("/api/alerts?priority=advisory").json()["alerts"]
    tries = (
        (f"/api/alerts/{alert['alert_id']}/note", {"why": "x"}),
        ("/api/faults", {"asset": "Demo Fibre 2", "at": "2025-11-20T04:43:00Z"}),
        ("/api/suspects", {"asset": "Demo Fibre 2", "at": "2025-11-20T04:43:00Z"}),
    )
    for path, body in tries:
        assert viewer.send("POST", path, body).status_code == 403, path
    nobody = house.browser()
    assert nobody.get("/api/alerts").status_code == 401
    assert nobody.get("/api/faults").status_code == 401


def test_outgoing_messages_are_for_the_house(ours: Browser, theirs: Browser) -> None:
    """CAP messages went out whole: who may not see all assets does not read them here."""
    assert theirs.get("/cap/feed.atom").status_code == 403
    assert ours.get("/cap/feed.atom").status_code == 404  # there is no such channel
