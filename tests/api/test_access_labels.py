"""What is about a hidden asset is in no answer: drawn labels, and every route over the invented hour."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.api.access import labels_of, wrong_labels
from seavigil.api.labels import WITHHELD, Sees
from seavigil.assets.read import read as read_assets
from seavigil.sharing import Label, Viewer
from seavigil.store.engine import writing
from seavigil.store.rows import Batch, StatementRow
from seavigil.store.tables import ASSET_EDITS
from tests.api.house import Browser, House
from tests.api.shown import Shown, invented, shown
from tests.api.test_access_routes import TABLE
from tests.runners.statuses import NOW_US

THEIRS, HOUSE = Viewer("nils", organisation="Northgrid"), Viewer("ada", "admin")
LABELS = {"secret-1": Label("Southgrid", "AMBER"), "ours-1": Label("Northgrid", "RED")}
NAMES = {"secret-1": "Secret Link", "ours-1": "Our Link", "plain-1": "Secret Link North"}
SEES = Sees(THEIRS, LABELS, NAMES, NAMES.keys())


def alert(*assets: str, **more: Any) -> dict[str, Any]:
    """Give an alert about assets."""
    rows = [{"asset_id": one, "name": NAMES.get(one, "Gone Link"), "km_along": 3.5} for one in assets]
    return {"alert_id": "a", "assets": rows, "next_assets": [], "reasons": [], **more}


# --- drawn --------------------------------------------------------------------------------------


def test_an_alert_about_a_hidden_asset_alone_is_not_there() -> None:
    """The house sees it, its owner sees it; with another asset beside it is told without it."""
    assert SEES.alert(alert("secret-1")) is None
    assert Sees(HOUSE, LABELS, NAMES).alert(alert("secret-1")) == alert("secret-1")
    both = SEES.alert(alert("secret-1", "ours-1"))
    assert both is not None
    assert [a["asset_id"] for a in both["assets"]] == ["ours-1"]
    assert both["withheld"] == {"assets": 1, "next_assets": 0}
    assert SEES.alert(alert()) == alert()


def test_an_asset_of_which_nothing_is_known_any_more_is_hidden() -> None:
    """Its file has gone, and with it the label that it had."""
    assert SEES.alert(alert("gone-1")) is None
    told = SEES.alert(alert("gone-1", "plain-1", sentence="She went over Gone Link and Secret Link North."))
    assert told is not None
    assert "Gone Link" not in json.dumps(told)
    assert Sees(HOUSE, {}).alert(alert("gone-1")) is not None


def test_names_in_texts_are_taken_out() -> None:
    """Also in another case, beside another's name that has it in, and inside of objects."""
    assert SEES.text("over SECRET link at 3 kn") == f"over {WITHHELD} at 3 kn"
    assert SEES.text("secret-1, then Our Link") == f"{WITHHELD}, then Our Link"
    assert SEES.text("Secret Linkage, my-secret-10") == "Secret Linkage, my-secret-10"
    told = SEES.told(
        {"because": [{"text": "crossed Secret Link"}, {"text": "slow"}], "ids": ["secret-1", "x"]}
    )
    assert told == {"because": [{"text": f"crossed {WITHHELD}"}, {"text": "slow"}], "ids": ["x"]}


def test_lists_of_ids_lose_what_is_hidden() -> None:
    """Of statements and alerts about feeds; also the id of what is not watched any more."""
    told = SEES.told({"assets_blind": ["secret-1", "gone-1", "plain-1"], "assets_not_heard": ["ours-1"]})
    assert told == {"assets_blind": ["plain-1"], "assets_not_heard": ["ours-1"]}


def test_a_statement_that_names_what_is_gone_loses_its_words(house: House) -> None:
    """Its name stands in the words, and nobody knows any more who might see it."""
    said = StatementRow(NOW_US, NOW_US, "no ship heard near Gone Link", {"assets_not_heard": ["gone-1"]})
    house.store.save(Batch(house.store.position() + 1, NOW_US, statements=[said]))
    path = "/api/statements?since=2000-01-01T00:00:00Z"
    ours = house.browser(house.token("viewer", name="reads"))
    theirs = house.browser(house.token("viewer", "Coast Guard", name="reads too"))
    assert "Gone Link" in ours.get(path).text
    assert "Gone Link" not in theirs.get(path).text
    assert "gone-1" not in theirs.get(path).text


def test_what_is_about_one_asset_is_there_or_not() -> None:
    """Events, passages and faults: rows with an ``asset_id``; what is about none is there."""
    rows: list[dict[str, Any]] = [{"asset_id": one, "n": n} for n, one in enumerate((*NAMES, None))]
    assert [row["n"] for row in SEES.events(rows)] == [1, 2, 3]
    assert SEES.told({"fault": rows[0], "secret-1": 5, "n": 1}) == {"fault": None, "n": 1}


@given(
    st.recursive(
        st.sampled_from(["secret-1", "Secret Link", "a Secret  link", "x", 3, None]),
        lambda inner: (
            st.lists(inner, max_size=4)
            | st.dictionaries(
                st.sampled_from(["asset_id", "name", "why", "assets_blind", "secret-1"]), inner, max_size=3
            )
        ),
        max_leaves=12,
    )
)
def test_whatever_is_told_does_not_name_it(value: Any) -> None:
    """However deep it stands, in lists, under keys, in texts: neither id nor name comes out."""
    text = json.dumps(SEES.told(value))
    assert "secret-1" not in text
    assert "Secret Link" not in text


# --- where labels come from ---------------------------------------------------------------------


def test_a_colour_that_there_is_not_is_closed(tmp_path: Path) -> None:
    """A slip in the file opens nothing, and is told at the start; an edit mends it."""
    _, path = invented(tmp_path)
    whole = json.loads(path.read_text(encoding="utf-8"))
    first, second = (f["properties"] for f in whole["features"][:2])
    first |= {"owner": "Northgrid", "tlp": "PINK"}
    second |= {"owner": "Northgrid", "tlp": "amber", "shared_with": "Coast Guard; Navy"}
    path.write_text(json.dumps(whole), encoding="utf-8")
    assets = read_assets(path)
    wrong, right = (asset.asset_id for asset in list(assets)[:2])
    found = labels_of(assets, {})
    assert found == {
        wrong: Label(tlp="RED"),
        right: Label("Northgrid", "AMBER", ("Coast Guard", "Navy")),
    }
    (said,) = wrong_labels(assets)
    assert said.startswith(f"{wrong}: tlp 'PINK' is none of RED")
    assert not Sees(THEIRS, found, {}, found).asset(wrong)
    assert Sees(THEIRS, labels_of(assets, {wrong: {"tlp": "GREEN"}}), {}, found).asset(wrong)


# --- every route over the invented hour ---------------------------------------------------------

HIDDEN, NAME = "demo-link-1", "Demo Link 1"


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour with a notice about a cable."""
    folder = tmp_path_factory.mktemp("hour")
    nmea, assets = invented(folder)
    told = [{"id": "f1", "asset": NAME, "time": "2025-11-20T04:21:20Z", "noticed": "2025-11-20T04:30Z"}]
    (notices := folder / "notices.json").write_text(json.dumps(told), encoding="utf-8")
    with shown(folder / "store", [nmea], assets, [notices]) as found:
        yield found


@pytest.fixture(scope="module")
def house(console: Shown) -> Iterator[House]:
    """Give it before people who are known; the cable is labelled by an edit, not by its file."""
    found = House(console.recorded, console.recorded.database)
    rows = [("owner", "Northgrid"), ("tlp", "RED")]
    with writing(console.recorded.database._engine) as connection:
        for field, after in rows:
            edit = {"edit_id": field, "at_us": NOW_US, "who": "ada", "asset_id": HIDDEN, "field": field}
            values = {"before": "null", "after": json.dumps(after), "why": "theirs"}
            connection.execute(ASSET_EDITS.insert().values(**edit, **values))
    yield found
    found.app.state.inquiries.stop()


def paths_of(house: House, browser: Browser) -> list[str]:
    """Give every address that can be asked, with the ids that there are."""
    alerts = [a["alert_id"] for a in browser.get("/api/alerts?limit=500").json()["alerts"]]
    ships = [s["vessel_id"] for s in browser.get("/api/ships?limit=50").json()["ships"]]
    assets = [asset.asset_id for asset in house.context.service.plan.assets or ()]
    ids = {"{alert_id}": alerts, "{vessel_id}": ships, "{asset_id:path}": assets}
    found = []
    for method, path in TABLE:
        if method != "GET" or path in ("/api/stream", "/api/oidc/{name}/start", "/api/oidc/{name}/back"):
            continue
        key = next((one for one in ids if one in path), None)
        found += [path] if key is None else [path.replace(key, one.replace("#", "%23")) for one in ids[key]]
    collections = ("assets", "events", "alerts", "tracks")
    items = "/ogc/collections/{collection_id}/items"
    found += [items.replace("{collection_id}", one) + "?limit=1000" for one in collections]
    found += [f"{items.replace('{collection_id}', 'assets')}/{one}" for one in assets]
    return [path for path in found if "{" not in path] + [
        f"/api/alerts?asset={HIDDEN}",
        "/api/alerts?at=2025-11-20T04:46:00Z",
        "/api/areas?at=2025-11-20T04:46:00Z",
        "/api/statements?since=2000-01-01T00:00:00Z",
    ]


def test_no_route_names_a_hidden_asset(house: House) -> None:
    """Neither its id nor its name is among the bytes of any answer; to its owner and the house it is."""
    ours = house.browser(house.token("admin"))
    theirs = house.browser(house.token("admin", "Coast Guard"))
    owners = house.browser(house.token("viewer", "Northgrid"))
    paths = paths_of(house, ours)
    named: dict[str, int] = {"ours": 0, "owners": 0}
    for path in paths:
        answer = theirs.get(path)
        assert answer.status_code < 500, path
        # a problem repeats what was asked for, and nothing else
        text = answer.text.replace(HIDDEN, "") if answer.status_code >= 400 else answer.text
        assert HIDDEN not in text, path
        assert NAME not in text, path
        for who, browser in (("ours", ours), ("owners", owners)):
            told = browser.get(path)
            named[who] += told.status_code == 200 and (HIDDEN in told.text or NAME in told.text)
    assert named["ours"] > 10
    assert named["owners"] > 10


def test_a_hidden_asset_is_not_told_from_one_that_there_is_not(house: House) -> None:
    """The same status, and the same words but for what was asked."""
    theirs = house.browser(house.token("admin", "Coast Guard", name="other"))
    for path in TABLE:
        if "{asset_id:path}" not in path[1]:
            continue
        told = []
        for one in (HIDDEN, "demo-lonk-9"):
            asked = path[1].replace("{asset_id:path}", one)
            body = {"position_uncertainty_m": 50, "why": "x"}
            answer = theirs.get(asked) if path[0] == "GET" else theirs.send(path[0], asked, body)
            told.append((answer.status_code, answer.text.replace(one, "X")))
        assert told[0] == told[1], path
        assert told[0][0] == 404


def test_what_is_known_of_an_asset_its_owner_and_the_house_correct(house: House) -> None:
    """Somebody of another organisation may see an asset of the house's own, and change nothing of it."""
    change = {"position_uncertainty_m": 50, "why": "a survey"}
    plain = next(a.asset_id for a in house.context.service.plan.assets or () if a.asset_id != HIDDEN)
    theirs = house.browser(house.token("operator", "Coast Guard", name="changes"))
    owners = house.browser(house.token("operator", "Northgrid", name="changes too"))
    assert theirs.get(f"/api/assets/{plain}").status_code == 200
    assert theirs.send("PATCH", f"/api/assets/{plain}", change).status_code == 403
    assert owners.send("PATCH", f"/api/assets/{plain}", change).status_code == 403
    assert owners.send("PATCH", f"/api/assets/{HIDDEN}", change).status_code == 200
    label = {"tlp": "CLEAR", "why": "no secret"}
    assert owners.send("PATCH", f"/api/assets/{HIDDEN}", label).status_code == 403
    admin = house.browser(house.token("admin", "Northgrid", name="their admin"))
    assert admin.send("PATCH", f"/api/assets/{HIDDEN}", label).status_code == 403
