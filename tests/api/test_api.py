"""The web interface: health, status, alerts, commands; errors as RFC 9457 has them; nobody else's pages."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from seavigil.api import Access, Context, make_app
from seavigil.fault import Fault
from seavigil.records import HOUR_US, parse_time_us
from seavigil.risk import Policy
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.runners.status import StatusSnapshot
from seavigil.store.database import Database
from seavigil.store.rows import Batch, StatementRow, TransitionRow, alert_row
from tests.runners.statuses import COAST, MUTE, NOW_US, WELL, but

HERE = "http://127.0.0.1:8640"


@dataclass(frozen=True)
class Web:
    """A browser on this machine, without a network between."""

    app: FastAPI

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Ask, and give the answer."""

        async def ask() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url=HERE) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> Response:
        """Ask for something."""
        return self.request("GET", path, **more)

    def post(self, path: str, **more: Any) -> Response:
        """Send something."""
        return self.request("POST", path, **more)


@dataclass
class Service:
    """A service that says what it is told to say."""

    folder: Path
    now: StatusSnapshot = WELL
    noticed: list[Mapping[str, Any]] = field(default_factory=list)
    plan: Plan = field(default_factory=lambda: Plan(None, Known(), Policy(prior_rates()), ""))
    bulletin: Bulletin = field(default_factory=Bulletin)
    recording: str | None = None

    def as_of_us(self) -> int:
        """Give the time of the statuses."""
        return NOW_US

    def status(self) -> StatusSnapshot:
        """Give the status set."""
        return self.now

    def faults(self) -> list[dict[str, Any]]:
        """Give none."""
        return []

    async def notice(self, told: Mapping[str, Any]) -> Fault:
        """Take a notice, or refuse it as the reader of notices does."""
        if "asset" not in told:
            raise ValueError("no asset named")
        self.noticed.append(told)
        return Fault("f1", str(told["asset"]), NOW_US, NOW_US)


def line(n: int, **changed: Any) -> dict[str, Any]:
    """Give the line of an alert that stood at so many minutes past one."""
    at = f"2026-11-22T13:{n:02d}:00Z"
    vessel = {"mmsi": 265_000_000 + n, "vessel_id": str(265_000_000 + n), "name": f"SHIP {n}"}
    told = {
        "alert_id": f"a{n}",
        "revision": 1,
        "status": "open",
        "priority": "warning",
        "behaviours": ["drifting"],
        "vessel": vessel,
        "other_vessels": [],
        "assets": [{"asset_id": "link-1", "name": "Link 1", "kind": "power_cable"}],
        "position": None,
        "event_ids": [],
        "detected_at": at,
    }
    return told | changed


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    """Give a store with five alerts, a transition and a statement."""
    with Database.open(tmp_path) as database:
        rows = []
        for n in range(5):
            times = dict.fromkeys(
                ("began_us", "detected_at_us", "revised_at_us"), NOW_US - (60 - n) * 60_000_000
            )
            told = line(n, priority="info" if n == 4 else "warning")
            rows.append(alert_row(told, times | {"ended_us": None}))
        step = TransitionRow("a1", 1, "opened", "", "open", "seavigil", NOW_US, NOW_US, "it stood")
        said = StatementRow(NOW_US - HOUR_US, NOW_US - HOUR_US, "nothing above info seen", {"share": 0.97})
        database.save(Batch(1, NOW_US, alerts=rows, transitions=[step], statements=[said]))
        yield database


@pytest.fixture
def service(tmp_path: Path) -> Service:
    """Give a service that does well."""
    return Service(tmp_path)


@pytest.fixture
def web(service: Service, store: Database) -> Web:
    """Give a browser on this machine."""
    return Web(make_app(Context(service, store, Access())))


def test_the_api_says_what_there_is(web: Web) -> None:
    """Whoever opens the address alone finds the way on, and every way leads somewhere."""
    told = web.get("/api").json()
    assert told.pop("service").startswith("seavigil ")
    assert {"/api/openapi.json", "/healthz", "/api/status"} <= set(told.values())
    assert all(web.get(path).status_code == 200 for path in told.values())


@pytest.mark.parametrize(
    ("asked", "detail"),
    [
        ("/api/alerts?prioritys=urgent", "there is no parameter 'prioritys'; did you mean 'priority'?"),
        ("/api/alerts?status=open&x", "there is no parameter 'x'"),
        ("/api/alerts/a1?since=now", "there is no parameter 'since'; there are at"),
        ("/api/statements?sinse=2026-11-22T13:00:00Z", "'sinse'; did you mean 'since'?"),
    ],
)
def test_a_parameter_that_there_is_not_is_refused(web: Web, asked: str, detail: str) -> None:
    """Left unread it would give all alerts as if they were those asked for."""
    answer = web.get(asked)
    assert answer.status_code == 400
    assert detail in answer.json()["detail"]


def test_alive_and_ready(web: Web) -> None:
    """A service that does well answers 200 to both questions, and nobody may keep the answer."""
    for path, status in (("/livez", "alive"), ("/healthz", "ready")):
        answer = web.get(path)
        assert (answer.status_code, answer.json()) == (200, {"status": status, "problems": []})
        assert answer.headers["cache-control"] == "no-store"


def test_alive_is_told_apart_from_ready(web: Web, service: Service) -> None:
    """Blind, it is not ready; but to start it again would mend nothing, so it is alive."""
    service.now = but(feeds=(MUTE,))
    assert web.get("/livez").status_code == 200
    answer = web.get("/healthz")
    assert answer.status_code == 503
    assert [p["code"] for p in answer.json()["problems"]] == ["all_feeds_dead", "feed_dead"]


def test_a_judge_that_hangs_is_dead(web: Web, service: Service) -> None:
    """Then a restart helps: both say so."""
    service.now = but(judge={"idle_s": 500.0})
    assert (web.get("/livez").status_code, web.get("/healthz").status_code) == (503, 503)
    assert web.get("/livez").json()["problems"][0]["code"] == "judge_stalled"


def test_one_dead_feed_of_two_leaves_it_ready(web: Web, service: Service) -> None:
    """It is told among the problems all the same."""
    service.now = but(feeds=(COAST, MUTE))
    answer = web.get("/healthz")
    assert (answer.status_code, answer.json()["problems"][0]["code"]) == (200, "feed_dead")


def test_status_and_feeds(web: Web, service: Service) -> None:
    """Times are RFC 3339; each feed says whether it is alive."""
    service.now = but(feeds=(COAST, MUTE))
    told = web.get("/api/status").json()
    assert (told["taken_at"], told["problems"][0]["code"]) == ("2026-11-22T14:00:00Z", "feed_dead")
    feeds = web.get("/api/feeds").json()["feeds"]
    assert [(f["name"], f["alive"], f["last_report_at"]) for f in feeds] == [
        ("coast", True, "2026-11-22T13:59:58Z"),
        ("sky", False, "2026-11-22T13:58:00Z"),
    ]


def test_metrics_are_prometheus_text(web: Web) -> None:
    """The content type is that of the text format, the figures are those of the status."""
    answer = web.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    assert 'seavigil_feed_reports_total{feed="coast"} 20000.0' in answer.text


def test_alerts_come_in_pages(web: Web) -> None:
    """Following `next` gives each once, the newest first; the last page has none."""
    found, after = [], None
    for _ in range(3):
        page = web.get("/api/alerts", params={"limit": 2} | ({"after": after} if after else {})).json()
        found += [a["alert_id"] for a in page["alerts"]]
        after = page["next"]
    assert (found, after) == (["a4", "a3", "a2", "a1", "a0"], None)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"priority": "info"}, ["a4"]),
        ({"priority": ["info", "warning"], "limit": 10}, ["a4", "a3", "a2", "a1", "a0"]),
        ({"mmsi": 265_000_002}, ["a2"]),
        ({"since": "2026-11-22T13:03:00Z"}, ["a4", "a3"]),
        ({"until": "2026-11-22T13:01:00Z"}, ["a0"]),
        ({"status": "closed"}, []),
        ({"asset": "link-2"}, []),
        ({"behaviour": "drifting", "mmsi": 265_000_000}, ["a0"]),
    ],
)
def test_alerts_are_filtered(web: Web, asked: dict[str, Any], expected: list[str]) -> None:
    """By status, priority, behaviour, asset, ship and time, all together."""
    assert [a["alert_id"] for a in web.get("/api/alerts", params=asked).json()["alerts"]] == expected


def test_one_alert_with_its_life(web: Web) -> None:
    """Its newest revision, all revisions, and its transitions with who, when and why."""
    told = web.get("/api/alerts/a1").json()
    assert told["alert"]["vessel"]["name"] == "SHIP 1"
    assert [r["revision"] for r in told["revisions"]] == [1]
    (step,) = told["transitions"]
    assert (step["what"], step["who"], step["why"], step["wall_at"]) == (
        "opened",
        "seavigil",
        "it stood",
        "2026-11-22T14:00:00Z",
    )


def test_statements_of_the_last_day(web: Web) -> None:
    """Those since a time, or of the last day."""
    (told,) = web.get("/api/statements").json()["statements"]
    assert (told["text"], told["wall_at"]) == ("nothing above info seen", "2026-11-22T13:00:00Z")
    late = web.get("/api/statements", params={"since": "2026-11-22T13:30:00Z"}).json()
    assert late == {"statements": []}


def test_an_operator_acknowledges(web: Web, store: Database) -> None:
    """It is queued for the log with who and why; what became of it can be asked."""
    answer = web.post("/api/alerts/a1/acknowledge", json={"who": "duty officer", "why": "calling her"})
    assert answer.status_code == 202
    (waiting,) = store.waiting_commands()
    assert (waiting["kind"], waiting["alert_id"], waiting["who"], waiting["why"]) == (
        "acknowledge",
        "a1",
        "duty officer",
        "calling her",
    )
    told = web.get(answer.json()["see"]).json()
    assert (told["state"], told["command_id"]) == ("waiting", answer.json()["command_id"])


def test_sent_twice_is_asked_once(web: Web, store: Database) -> None:
    """A client that was cut off sends it again with the same id."""
    for _ in range(2):
        web.post("/api/alerts/a1/note", json={"who": "me", "why": "seen", "command_id": "n-1"})
    assert len(store.waiting_commands()) == 1


def test_an_outage_notice_goes_to_the_service(web: Web, service: Service) -> None:
    """All of its keys, by the names of the reader of notices."""
    told = {"asset": "Link 1", "time": "2026-11-22T13:00:00Z", "within": "30s", "km_along": 12.5}
    answer = web.post("/api/faults", json=told)
    assert (answer.status_code, answer.json()) == (202, {"fault_id": "f1"})
    assert service.noticed == [told]


def test_cap_feed_where_there_is_one(web: Web, service: Service) -> None:
    """The file as it is; no file, no feed; no way out of its folder."""
    assert web.get("/cap/feed.atom").status_code == 404
    folder = service.folder / "cap" / "messages"
    folder.mkdir(parents=True)
    (folder.parent / "feed.atom").write_text("<feed/>")
    (folder / "m-1.xml").write_text("<alert/>")
    assert web.get("/cap/feed.atom").text == "<feed/>"
    assert web.get("/cap/messages/m-1.xml").headers["content-type"].startswith("application/cap+xml")
    for name in ("..%2Ffeed.atom", "%2e%2e%2f%2e%2e%2fseavigil.sqlite", ".hidden.xml"):
        assert web.get(f"/cap/messages/{name}").status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("GET", "/api/nothing", None, 404),
        ("GET", "/api/alerts/none", None, 404),
        ("GET", "/api/commands/none", None, 404),
        ("GET", "/api/alerts?limit=0", None, 422),
        ("GET", "/api/alerts?priority=high", None, 422),
        ("GET", "/api/alerts?since=yesterday", None, 400),
        ("GET", "/api/alerts?after=none", None, 400),
        ("POST", "/api/alerts/none/acknowledge", {"who": "me"}, 404),
        ("POST", "/api/alerts/a1/acknowledge", {"who": ""}, 422),
        ("POST", "/api/alerts/a1/acknowledge", {"who": "me", "whom": "x"}, 422),
        ("POST", "/api/alerts/a1/sink", {"who": "me"}, 422),
        ("POST", "/api/faults", {"time": "now"}, 400),
        ("POST", "/api/faults", [1], 422),
        ("DELETE", "/api/alerts", None, 415),
    ],
)
def test_errors_are_problem_details(web: Web, method: str, path: str, body: Any, status: int) -> None:
    """Media type, status, title and a detail that says what is wrong (RFC 9457, section 3.1)."""
    answer = web.request(method, path, **({} if body is None else {"json": body}))
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert (told["type"], told["status"]) == ("about:blank", status)
    assert told["title"]
    assert told["detail"]


def test_a_store_that_is_away_is_said_without_its_insides(
    web: Web, store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 for what may pass, 500 for what nobody foresaw; neither tells of paths or code."""
    monkeypatch.setattr(store, "alert", _raise(OSError(28, "the disk is full", "sqlite:///watch")))
    answer = web.get("/api/alerts/a1")
    assert (answer.status_code, answer.json()["detail"]) == (503, "the disk is full")
    monkeypatch.setattr(store, "alert", _raise(KeyError("inside")))
    answer = web.get("/api/alerts/a1")
    assert answer.status_code == 500
    assert "inside" not in answer.text


def _raise(fault: Exception) -> Any:
    def raising(*_: object) -> None:
        raise fault

    return raising


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "192.168.0.7:8640", "", "a@localhost"]
)
def test_another_name_is_refused(web: Web, host: str) -> None:
    """A page whose name was made to point here asks by its own name (DNS rebinding)."""
    answer = web.get("/api/alerts", headers={"Host": host})
    assert (answer.status_code, answer.headers["content-type"]) == (403, "application/problem+json")


@pytest.mark.parametrize("host", ["localhost", "localhost:8640", "127.0.0.1", "127.8.8.8:1", "[::1]:8640"])
def test_loopback_names_are_answered(web: Web, host: str) -> None:
    """By whichever name of this machine, with or without a port."""
    assert web.get("/livez", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_forms_of_other_pages_are_refused(web: Web, store: Database, kind: str) -> None:
    """What a page of elsewhere can send without asking first is no JSON (CSRF)."""
    headers = {"Content-Type": kind}
    answer = web.post("/api/alerts/a1/close", content=b'{"who": "x"}', headers=headers)
    assert answer.status_code == 415
    assert store.waiting_commands() == []


def test_other_origins_are_refused(web: Web) -> None:
    """Even if a browser let JSON through."""
    for origin in ("https://evil.example", "null"):
        answer = web.post("/api/alerts/a1/note", json={"who": "x"}, headers={"Origin": origin})
        assert answer.status_code == 403
    told = {"who": "x", "why": "y"}
    assert web.post("/api/alerts/a1/note", json=told, headers={"Origin": HERE}).status_code == 202


def test_no_body_is_too_long_for_memory(web: Web) -> None:
    """At most 64 KiB, and its length said before."""
    headers = {"Content-Type": "application/json"}
    assert web.post("/api/faults", content=b" " * 70_000, headers=headers).status_code == 413
    assert web.post("/api/faults", content=_in_pieces(), headers=headers).status_code == 411
    both = headers | {"Content-Length": "2", "Transfer-Encoding": "chunked"}
    assert web.post("/api/faults", content=_in_pieces(), headers=both).status_code == 411


async def _in_pieces() -> AsyncIterator[bytes]:
    yield b"{}"


def test_nothing_is_loaded_from_elsewhere(web: Web) -> None:
    """The ready-made pages of documentation would fetch scripts; the description itself is there."""
    assert web.get("/docs").status_code == web.get("/redoc").status_code == 404
    paths = web.get("/api/openapi.json").json()["paths"]
    assert {"/healthz", "/livez", "/metrics", "/api/alerts", "/api/faults"} <= set(paths)


def test_times_of_the_test() -> None:
    """The alerts stand a minute apart from one o'clock on."""
    assert parse_time_us("2026-11-22T13:00:00Z") == NOW_US - 60 * 60_000_000
