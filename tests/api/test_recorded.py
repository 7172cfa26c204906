"""A recording in the console: the alerts of `watch`, as they stood at a time, answered and asked about."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from seavigil.assets.read import read as read_assets
from seavigil.cli.main import run
from seavigil.feeds import recordings
from seavigil.runners import batch
from seavigil.runners.status import problems
from tests.api.shown import NOW_US, Shown, invented, shown

ALDER = 299_000_001
#: Her alert is first told of at 04:21:17, is advisory from 04:43:18 on and warning from 04:45:47 on.
ADVISORY, WARNING = "2025-11-20T04:45:00Z", "2025-11-20T04:46:00Z"


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Give the invented hour and its assets."""
    return invented(tmp_path_factory.mktemp("hour"))


@pytest.fixture(scope="module")
def console(hour: tuple[Path, Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour in a console; whoever changes it takes `fresh`."""
    with shown(tmp_path_factory.mktemp("console"), [hour[0]], hour[1]) as found:
        yield found


@pytest.fixture
def fresh(hour: tuple[Path, Path], tmp_path: Path) -> Iterator[Shown]:
    """Give the invented hour in a console of one's own."""
    with shown(tmp_path, [hour[0]], hour[1]) as found:
        yield found


@pytest.fixture(scope="module")
def lines(hour: tuple[Path, Path]) -> list[dict[str, Any]]:
    """Give the lines that `seavigil watch --format ndjson` prints of the hour."""
    told: list[dict[str, Any]] = []
    job = batch.Job([str(hour[0])], read_assets([hour[1]]))
    hooks = batch.Hooks(alert=lambda alert: told.append(alert.as_json()))
    batch.run(job, lambda source: recordings.read(source, received_us=lambda: NOW_US), hooks)
    return told


def test_the_store_holds_what_watch_prints(console: Shown, lines: list[dict[str, Any]]) -> None:
    """Every revision of every alert is the line of `watch`, none more and none less."""
    ids = {line["alert_id"] for line in lines}
    stored = [revision for alert_id in ids for revision in console.recorded.database.revisions(alert_id)]
    key: Callable[[dict[str, Any]], tuple[str, int]] = lambda line: (line["alert_id"], line["revision"])  # noqa: E731
    as_told = [json.loads(json.dumps(line)) for line in lines]
    assert sorted(stored, key=key) == sorted(as_told, key=key)
    assert {line["alert_id"] for line in console.get("/api/alerts?limit=500")["alerts"]} == ids


def test_rows_are_kept_by_day(console: Shown) -> None:
    """All reports of the recording lie in the day's files, each message once."""
    summary = console.recorded.summary
    parts = console.recorded.days.parts("reports")
    rows = sum(_rows(part.path) for part in parts)
    assert rows == summary.reports == 18_666
    assert {part.day.isoformat() for part in parts} == {"2025-11-20"}


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return int(pq.read_metadata(path).num_rows)


def test_a_recording_is_well_without_feeds(console: Shown) -> None:
    """Nothing is wrong with a recording that was read: it has ended, and what it held is told."""
    status = console.get("/api/status")
    assert status["problems"] == []
    (feed,) = status["feeds"]
    assert (feed["state"], feed["reports"]) == ("ended", 27_904)
    assert "18,666 reports of 56 vessels" in status["statement"]["text"]
    assert console.get("/healthz")["status"] == "ready"


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, hour: tuple[Path, Path]) -> None:
    """One of two files is no recording: the other is shown, and the first is named with the reason."""
    broken = tmp_path / "holiday.jpg"
    broken.write_bytes(b"\xff\xd8\xff\xe0" + bytes(range(256)) * 40)
    with shown(tmp_path / "store", [hour[0], broken], hour[1]) as found:
        (told,) = problems(found.recorded.status())
        assert "holiday.jpg is unreadable" in told.words
        assert found.get("/healthz")["status"] == "ready"


def test_an_alert_as_it_stood(console: Shown, lines: list[dict[str, Any]]) -> None:
    """At each moment an alert is told in its newest revision by then, with nothing learned later."""
    for at in (ADVISORY, WARNING):
        known = {line["alert_id"]: line for line in lines if line["revised_at"] <= at}
        found = console.get("/api/alerts", params={"at": at, "limit": 500})["alerts"]
        told = {line["alert_id"]: line["revision"] for line in found}
        assert told == {alert_id: line["revision"] for alert_id, line in known.items()}


def test_an_alert_does_not_stand_before_it_stood(console: Shown) -> None:
    """A second before the first report nothing stands; an alert asked for then is not there."""
    assert console.get("/api/alerts?at=2025-11-20T03:59:58Z")["alerts"] == []
    alert_id = _alder(console)["alert_id"]
    answer = console.request("GET", f"/api/alerts/{alert_id}?at=2025-11-20T04:21:16Z")
    assert answer.status_code == 404
    assert "that stood then" in answer.json()["detail"]


def test_filters_hold_of_the_moment(console: Shown) -> None:
    """She was advisory before she was a warning: each filter finds her at its own time only."""

    def found(at: str, priority: str) -> bool:
        asked = {"at": at, "priority": priority, "mmsi": ALDER, "status": "open", "behaviour": "drifting"}
        return bool(console.get("/api/alerts", params=asked)["alerts"])

    assert (found(ADVISORY, "advisory"), found(ADVISORY, "warning")) == (True, False)
    assert (found(WARNING, "advisory"), found(WARNING, "warning")) == (False, True)


def test_pages_go_on_where_the_last_ended(console: Shown) -> None:
    """Page by page all alerts come, each once and in the same order, at a moment as now."""
    for at in ({}, {"at": WARNING}):
        whole = [a["alert_id"] for a in console.get("/api/alerts", params={"limit": 500, **at})["alerts"]]
        paged: list[str] = []
        after: dict[str, str] = {}
        while True:
            page = console.get("/api/alerts", params={"limit": 2, **at, **after})
            paged += [a["alert_id"] for a in page["alerts"]]
            if page["next"] is None:
                break
            after = {"after": page["next"]}
        assert paged == whole
        assert len(whole) > 4


def test_an_alert_in_full(console: Shown) -> None:
    """One alert has its life, its events, the sentence, the reasons in words and whom to call, as of then."""
    alert_id = _alder(console)["alert_id"]
    told = console.get(f"/api/alerts/{alert_id}?at={ADVISORY}")
    assert told["alert"]["priority"] == "advisory"
    assert told["revisions"][-1] == told["alert"]
    assert all(step["data_at"] <= ADVISORY for step in told["transitions"])
    assert {event["behaviour"] for event in told["events"]} == {"drifting", "crossing"}
    assert all(event["known_at"] <= ADVISORY for event in told["events"])
    assert told["sentence"].startswith(
        "EXERCISE ALDER, MMSI 299000001, is drifting and went over Demo Link 1"
    )
    assert {"code", "text", "observed", "expected", "unit", "weight"} <= set(told["because"][0])
    assert told["innocent"][0]["text"].startswith("engine trouble")
    assert told["contact_sheet"]["vessel"]["mmsi"] == ALDER


def _alder(console: Shown) -> dict[str, Any]:
    found: dict[str, Any] = console.get("/api/alerts", params={"mmsi": ALDER})["alerts"][0]
    return found


def _standing(console: Shown) -> dict[str, Any]:
    """Give the alert about the tanker that fell silent: it stands to the end of the hour."""
    (found,) = console.get("/api/alerts?priority=advisory&status=open")["alerts"]
    return dict(found)


def test_an_operator_answers(fresh: Shown) -> None:
    """Acknowledged and closed in the console, an alert is so in the store, at the data time of the end."""
    alert = _standing(fresh)
    heard: list[Any] = []
    fresh.recorded.bulletin.publish = lambda kind, content: heard.append((kind, content))  # type: ignore[method-assign]
    done = fresh.command(f"/api/alerts/{alert['alert_id']}/acknowledge", why="called on 16")
    assert done["state"] == "done"
    told = fresh.get(f"/api/alerts/{alert['alert_id']}")
    assert told["alert"]["status"] == "acknowledged"
    assert told["transitions"][-1]["why"] == "called on 16"
    assert told["transitions"][-1]["data_at"] == "2025-11-20T05:15:01Z"
    assert [(kind, content["status"]) for kind, content in heard] == [("alert", "acknowledged")]
    done = fresh.command(
        f"/api/alerts/{alert['alert_id']}/close", why="set was broken", arguments={"outcome": "harmless"}
    )
    assert done["state"] == "done"
    assert fresh.get(f"/api/alerts/{alert['alert_id']}")["alert"]["outcome"] == "harmless"


def test_what_cannot_be_done_is_refused_in_words(fresh: Shown) -> None:
    """Closing without saying how it turned out changes nothing, and the answer says what is missing."""
    alert = _standing(fresh)
    done = fresh.command(f"/api/alerts/{alert['alert_id']}/close", why="over")
    assert done["state"] == "refused"
    assert "how it turned out" in done["says"]
    assert fresh.get(f"/api/alerts/{alert['alert_id']}")["alert"]["revision"] == alert["revision"]
    over = fresh.command(f"/api/alerts/{_alder(fresh)['alert_id']}/acknowledge", why="called")
    assert "it is over" in over["says"]


def test_who_asks_is_written_down(fresh: Shown) -> None:
    """What is asked of an alert stands in the audit trail, with who asked."""
    alert_id = _standing(fresh)["alert_id"]
    fresh.command(f"/api/alerts/{alert_id}/note", why="seen on radar", who="kai")
    entries = fresh.get("/api/audit")["entries"]
    assert ("alert note", alert_id) in {(entry["what"], entry["about"]) for entry in entries}
    assert fresh.get(f"/api/alerts/{alert_id}")["transitions"][-1]["who"] == "kai"


def test_what_is_over_is_answered_no_more_in_plain_words(fresh: Shown) -> None:
    """Alerts that ended before the recording did were let go of: who answers one is told so, by its kind."""
    alerts = fresh.get("/api/alerts?status=closed")["alerts"]
    done = fresh.command(f"/api/alerts/{alerts[-1]['alert_id']}/note", why="seen on radar")
    assert done["state"] == "refused"
    assert done["says"].startswith(
        f"note: alert {alerts[-1]['alert_id']} can be answered no more: it is over"
    )


def test_suspects_are_those_of_the_command(
    fresh: Shown, hour: tuple[Path, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    """The stored rows tell the same of a fault as `seavigil suspects` does of the recording, to the digit."""
    nmea, assets = hour
    asked = ("--asset", "Demo Link 1", "--at", "2025-11-20T04:21:30Z", "--within", "5m", "--km-along", "29.2")
    run(["suspects", str(nmea), "--assets", str(assets), *asked, "--km-error", "2", "--format", "ndjson"])
    *suspects, limits = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    found = fresh.inquiry(
        asset="Demo Link 1", at="2025-11-20T04:21:30Z", within="5m", km_along=29.2, km_error=2.0
    )
    assert (found["state"], found["error"]) == ("done", None)
    assert found["findings"] == suspects
    assert found["limits"] == limits
    assert suspects[0]["vessel"]["mmsi"] == ALDER
    assert found["words"][0]["for"][0].startswith("0.0 km along the route from where she was")


@pytest.mark.slow
def test_suspects_of_a_whole_night(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """So it is over twelve hours, of ships under one number, of jamming, and of a fault that nobody fits."""
    run(["exercise", "run", "--example"])
    (scenario := tmp_path / "night.toml").write_text(capsys.readouterr().out, encoding="utf-8")
    run(["exercise", "run", str(scenario), "--out", str(tmp_path)])
    capsys.readouterr()
    nmea, assets = tmp_path / "winter-night.nmea", tmp_path / "assets.geojson"
    faults = (
        ("Exercise Fibre 5", "2030-01-15T02:24:30Z", "30m"),
        ("Exercise Link 4", "2030-01-14T23:48:00Z", "60s"),
        ("Exercise Fibre East", "2030-01-15T03:30:00Z", "1h"),
    )
    with shown(tmp_path / "store", [nmea], assets) as night:
        for asset, at, within in faults:
            fault = ("--asset", asset, "--at", at, "--within", within, "--format", "ndjson")
            run(["suspects", str(nmea), "--assets", str(assets), *fault])
            *suspects, limits = (json.loads(line) for line in capsys.readouterr().out.splitlines())
            found = night.inquiry(asset=asset, at=at, within=within)
            assert found["findings"] == suspects
            assert found["limits"] == limits


def test_the_same_inquiry_is_held_once(fresh: Shown) -> None:
    """Asked again, by id or by name, it is the same inquiry with the same answer."""
    first = fresh.inquiry(asset="Demo Fibre 2", at="2025-11-20T04:43:00Z", within="60s")
    again = fresh.inquiry(asset="demo-fibre-2", at="2025-11-20T05:43:00+01:00", within="1m")
    assert again == first
    other = fresh.inquiry(asset="demo-fibre-2", at="2025-11-20T04:43:00Z", within="2m")
    assert other["inquiry_id"] != first["inquiry_id"]


@pytest.mark.parametrize(
    ("asked", "status", "says"),
    [
        ({"asset": "Demo Lnk 1", "at": "2025-11-20T04:21Z"}, 404, "did you mean 'Demo Link 1'"),
        ({"asset": "Demo Link 1", "at": "half past four"}, 400, "is not a time"),
        ({"asset": "Demo Link 1", "at": "2025-11-20T04:21Z", "km_along": 400}, 400, "beyond Demo Link 1"),
        ({"asset": "Demo Link 1", "at": "2025-11-20T04:21Z", "within": "9 days"}, 400, "no length of time"),
        ({"asset": "Demo Link 1"}, 422, "at: Field required"),
    ],
)
def test_an_inquiry_of_no_sense_is_refused(
    console: Shown, asked: dict[str, Any], status: int, says: str
) -> None:
    """What cannot be looked into is said at once, in words."""
    answer = console.request("POST", "/api/suspects", json=asked)
    assert answer.status_code == status
    assert says in answer.json()["detail"]


def test_an_inquiry_without_data_fails_in_words(fresh: Shown) -> None:
    """Of a day that was not recorded nobody can tell who was there."""
    found = fresh.inquiry(asset="Demo Link 1", at="2025-11-23T04:21:00Z")
    assert found["state"] == "failed"
    assert found["error"] == "nothing is stored of the hours about 2025-11-23T04:21:00Z"
    found = fresh.inquiry(asset="Demo Link 1", at="2025-11-20T08:00:00Z")
    assert "is outside of what was heard" in found["error"]


def test_a_notice_beforehand_names_her(hour: tuple[Path, Path], tmp_path: Path) -> None:
    """A notice given with the recording is looked into when it comes in, and the ship that fits is named."""
    told = {
        "id": "f1",
        "asset": "Demo Fibre 2",
        "time": "2025-11-20T04:43:00Z",
        "noticed": "2025-11-20T05:00Z",
    }
    (notice := tmp_path / "notice.json").write_text(json.dumps(told), encoding="utf-8")
    with shown(tmp_path / "store", [hour[0]], hour[1], [notice]) as found:
        (fault,) = found.get("/api/faults")["faults"]
        assert (fault["fault_id"], fault["state"], fault["named"]) == ("f1", "matched", [str(ALDER)])
        assert (fault["at"], fault["noticed_at"]) == ("2025-11-20T04:43:00Z", "2025-11-20T05:00:00Z")
        assert "fits a fault of Demo Fibre 2" in _alder(found)["sentence"]


def test_a_notice_afterwards_is_listed(fresh: Shown) -> None:
    """A notice told to the console after the end names no ship any more, but is there to be asked about."""
    answer = fresh.request("POST", "/api/faults", json={"asset": "Demo Link 1", "at": "2025-11-20T04:21:00Z"})
    assert answer.status_code == 202
    (fault,) = fresh.get("/api/faults")["faults"]
    assert fault["fault_id"] == answer.json()["fault_id"]
    assert (fault["asset_id"], fault["state"]) == ("demo-link-1", "noticed_after_the_data")
    gone = fresh.request("POST", "/api/faults", json={"withdraws": fault["fault_id"]})
    assert gone.status_code == 202


def test_hostile_names_come_through_as_text(tmp_path: Path) -> None:
    """A ship may call herself anything: it is told letter for letter, as JSON, and never as a page."""
    name = '"><img src=x onerror=alert(1)> {}'
    rows = ["time,mmsi,lat,lon,sog,cog,name"]
    for n in range(120):  # 12 kn north over 59.8 N: 0.0333 degrees in ten minutes
        at = f"2025-11-20T04:{n // 6:02d}:{n % 6 * 10:02d}Z"
        rows.append(
            f'{at},265000001,{59.77 + 0.000555 * n:.6f},25.0,12.0,0.0,"{name.replace(chr(34), chr(34) * 2)}"'
        )
    (recording := tmp_path / "ships.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    cable = {"type": "LineString", "coordinates": [[24.9, 59.8], [25.1, 59.8]]}
    named = {"name": "Link </script>", "kind": "power_cable", "position_uncertainty_m": 50}
    feature = {"type": "Feature", "properties": named, "geometry": cable}
    (assets := tmp_path / "assets.geojson").write_text(
        json.dumps({"type": "FeatureCollection", "features": [feature]}), encoding="utf-8"
    )
    with shown(tmp_path / "store", [recording], assets) as found:
        answer = found.request("GET", "/api/alerts")
        (alert,) = answer.json()["alerts"]
        assert answer.headers["content-type"] == "application/json"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert alert["vessel"]["name"] == name
        assert alert["sentence"].startswith(
            f"Over: {name}, MMSI 265000001, flag SE, went over Link </script> (kilometre 5."
        )
        sheet = found.get(f"/api/alerts/{alert['alert_id']}")["contact_sheet"]
        assert "<IMG SRC=X ONERROR=ALERT(1)> ??:" in sheet["ais_text"]["broadcast"]["text"]


def test_commands_are_looked_for_while_it_is_shown(fresh: Shown) -> None:
    """Whoever serves a recording has its commands done without asking for it."""
    alert_id = _standing(fresh)["alert_id"]
    told = {"kind": "note", "alert_id": alert_id, "who": "kai", "why": "seen"}
    command_id = fresh.recorded.database.submit(told)

    async def serve() -> None:
        work = asyncio.create_task(fresh.recorded.work())
        while fresh.recorded.database.waiting_commands():
            await asyncio.sleep(0.01)
        work.cancel()

    asyncio.run(asyncio.wait_for(serve(), 20.0))
    found = fresh.recorded.database.command(command_id)
    assert found is not None
    assert found["state"] == "done"
