"""`seavigil alert`: what stands in a service's store, and what a person does about it."""

from __future__ import annotations

import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from seavigil.alerts import (
    Alert,
    AlertAsset,
    AlertBook,
    BookParams,
    Command,
    Refused,
    Transition,
    VesselFacts,
)
from seavigil.records import parse_time_us
from seavigil.store.database import Database
from seavigil.store.rawlog import Entry, Kind, RawLog
from seavigil.store.rows import Batch, CommandDone, TransitionRow, alert_row
from tests.alerts.drafts import draft
from tests.cli.conftest import PROGRAM, Said

Run = Callable[..., Said]
MINUTE_0 = parse_time_us("2026-11-22T03:00:00Z") / 60e6


@dataclass
class Service:
    """A service in so far as it obeys: it takes commands from the store and keeps what comes of them."""

    folder: Path
    database: Database
    book: AlertBook = field(default_factory=lambda: AlertBook(BookParams(expire_after_s=86_400.0)))
    minute: float = MINUTE_0
    position: int = 0

    def hear(self, **told: object) -> None:
        """Take a draft as of the next minute."""
        self.minute += 1
        ship = VesselFacts(299_000_001, "299000001", name="EXERCISE ALDER")
        asset = AlertAsset("link-1", "Link 1", "cable")
        one = replace(draft(self.minute, **told), vessel=ship, assets=(asset,), exercise=True)
        self._save(self.book.advance([one], one.revised_at_us))

    def obey(self) -> None:
        """Do what waits in the store."""
        for row in self.database.waiting_commands():
            command_id, revisions, done = row["command_id"], [], ("done", "")
            try:
                revisions = self.book.obey(Command.from_json(row), round(self.minute * 60e6))
            except Refused as why:
                done = ("refused", str(why))
            self._save(revisions, [CommandDone(command_id, *done, self.position + 1)])

    def _save(self, revisions: Sequence[Alert], commands: Sequence[CommandDone] = ()) -> None:
        self.position += 1
        alerts, steps = [_row(a) for a in revisions], [_step(t) for t in self.book.transitions()]
        self.database.save(
            Batch(self.position, self.position, alerts=alerts, transitions=steps, commands=commands)
        )


def _row(alert: Alert) -> object:
    names = ("began_us", "ended_us", "detected_at_us", "revised_at_us")
    return alert_row(alert.as_json(), {name: getattr(alert, name) for name in names})


def _step(one: Transition) -> TransitionRow:
    told = (one.alert_id, one.revision, one.what, one.before, one.after, one.who, one.data_us)
    return TransitionRow(*told, one.data_us + 5_000_000, one.why)


@pytest.fixture
def service(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Service:
    """Give a service with one alert of a warning; it obeys whenever somebody waits for it."""
    found = Service(tmp_path, Database.open(tmp_path))
    found.hear(priority="warning")
    monkeypatch.setattr(time, "sleep", lambda _s: found.obey())
    return found


@pytest.fixture
def alert(seavigil: Run, service: Service) -> Run:
    """Run `seavigil alert` on the folder of the service."""

    def command(name: str, *arguments: object) -> Said:
        return seavigil("alert", name, *arguments, "--folder", service.folder)

    return command


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("5b0c1", "5b0c1d2e: acknowledge done\n"),
        ("5b0c1d2e", "5b0c1d2e: acknowledge done\n"),
        ("5b0c", "seavigil: several alerts begin with '5b0c': 5b0c1d2e, 5b0cffff...; give more of it\n"),
        ("5b0", "seavigil: no alert '5b0' (seavigil alert list has their ids)\n"),
        ("____", "seavigil: no alert '____' (seavigil alert list has their ids)\n"),
    ],
)
def test_the_beginning_of_an_id_is_enough_where_it_is_of_one(
    alert: Run, service: Service, given: str, said: str
) -> None:
    """From four letters on; no letter stands for others."""
    service.hear(alert_id="5b0c1d2e", priority="warning")
    service.hear(alert_id="5b0cffff", priority="warning")
    done = alert("ack", given, "--who", "Ada")
    assert said in (done.out, done.err)
    assert alert("show", given).code == done.code


def test_what_stands_is_listed_with_its_id(alert: Run, service: Service) -> None:
    """A line each, the most pressing first; what is closed only when asked for."""
    service.hear(alert_id="b", priority="urgent")
    service.hear(alert_id="c", ended=True)
    lines = alert("list").out.splitlines()
    assert [line.split()[:3] for line in lines] == [["b", "urgent,", "open"], ["a", "warning,", "open"]]
    assert "EXERCISE ALDER (299000001): drifting Link 1; as of 2026-11-22 03:01" in lines[1]
    assert alert("list", "--status", "closed").out.startswith("c  info, closed")
    assert alert("list", "--mmsi", 1).out == "no such alert\n"


def test_the_list_is_given_as_the_lines_of_watch(alert: Run) -> None:
    """One JSON object a line, the newest revision of each."""
    line = json.loads(alert("list", "--format", "ndjson", "--asset", "link-1").out)
    assert (line["alert_id"], line["status"], line["exercise"]) == ("a", "open", True)


def test_a_list_that_was_cut_short_says_so(alert: Run, service: Service) -> None:
    """On stderr, so that nobody takes it for all."""
    service.hear(alert_id="b")
    said = alert("list", "--limit", 1)
    assert (said.out.splitlines()[0][:1], said.err) == ("b", "the newest 1 of them; see --limit\n")


@pytest.mark.parametrize(
    ("command", "status"),
    [
        (("ack", "a", "--why", "calling her"), "acknowledged"),
        (("escalate", "a"), "escalated"),
        (("close", "a", "--outcome", "harmless"), "closed"),
        (("retract", "a", "--why", "receiver under test"), "retracted"),
        (("note", "a", "cutter on scene"), "open"),
    ],
)
def test_what_a_person_asks_is_done(
    alert: Run, service: Service, command: tuple[str, ...], status: str
) -> None:
    """It is queued, the service does it, and it is told that it was done."""
    said = alert(*command, "--who", "Ada")
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith("a: ")
    assert said.out.endswith(" done\n")
    found = service.database.alert("a")
    assert found is not None
    assert found["status"] == status


def test_reopening_takes_up_again_what_was_closed(alert: Run, service: Service) -> None:
    """And the outcome goes with it."""
    alert("close", "a", "--outcome", "duplicate")
    assert "a  warning, closed (duplicate)" in alert("list", "--status", "closed").out
    assert alert("reopen", "a").out == "a: reopen done\n"
    assert "a  warning, open  " in alert("list").out


def test_several_alerts_are_answered_at_once(alert: Run, service: Service) -> None:
    """One that cannot be is told, and the others are answered all the same."""
    service.hear(alert_id="b", priority="warning")
    alert("ack", "a", "--who", "Ada")
    said = alert("ack", "a", "b", "--who", "Bo")
    assert (said.code, said.out) == (1, "b: acknowledge done\n")
    assert said.err == "seavigil: acknowledge: Ada has acknowledged it already\n"


def test_an_alert_is_shown_with_every_step_in_its_life(alert: Run) -> None:
    """Who, when by data and by the clock, and why."""
    alert("ack", "a", "--who", "Ada", "--why", "calling her")
    alert("note", "a", "no answer", "--who", "Ada")
    steps = alert("show", "a").out.splitlines()[-3:]
    assert steps == [
        "2026-11-22T03:01:00Z  opened -> open, by seavigil",
        "2026-11-22T03:01:00Z  acknowledge -> acknowledged, by Ada: calling her",
        "2026-11-22T03:01:00Z  note, by Ada: no answer",
    ]
    found = json.loads(alert("show", "a", "--json").out)
    assert found["alert"]["status"] == "acknowledged"
    assert [line["revision"] for line in found["revisions"]] == [1, 2]
    assert found["transitions"][1] == {
        "alert_id": "a",
        "revision": 2,
        "what": "acknowledge",
        "before": "open",
        "after": "acknowledged",
        "who": "Ada",
        "why": "calling her",
        "at": "2026-11-22T03:01:00Z",
        "recorded_at": "2026-11-22T03:01:05Z",
    }


def test_a_silence_is_set_listed_and_ended(alert: Run, service: Service) -> None:
    """By its id, which setting it prints; it says what of, how long, by whom and why."""
    of = ("--mmsi", 299_000_001, "--behaviour", "drifting", "--area", "58,19,60,21")
    said = alert("silence", *of, "--for", "12h", "--why", "trials", "--who", "Ada")
    assert said.code == 0
    name = said.out.split(":")[0]
    assert f"silenced by {name}" in " ".join(alert("list").out.split())
    (line,) = [json.loads(text) for text in alert("silences", "--json").out.splitlines()]
    assert (line["silence_id"], line["state"]) == (name, "set")
    assert (line["from"], line["until"]) == ("2026-11-22T03:01:00Z", "2026-11-22T15:01:00Z")
    words = " ".join(alert("silences").out.split())
    assert words.startswith(f"{name} set from 2026-11-22T03:01:00Z to 2026-11-22T15:01:00Z: area 58.0, 19.0,")
    assert words.endswith("at most priority warning; behaviours drifting; mmsi 299000001, by Ada: trials")
    assert alert("unsilence", name).code == 0
    assert json.loads(alert("silences", "--json").out)["state"] == "over"
    assert "silenced" not in alert("list").out


def test_a_silence_that_is_refused_says_why(alert: Run) -> None:
    """It silences nothing and is not listed, but for who asks for those that were refused."""
    said = alert("silence", "--mmsi", 1, "--for", "31d", "--why", "yard")
    assert (said.code, said.err) == (1, "seavigil: silence: for 30 days at most; renew it then\n")
    assert alert("silences", "--json").out == ""
    assert alert("silences").err == "nothing is or was silenced\n"
    assert json.loads(alert("silences", "--json", "--refused").out)["state"] == "refused"


@pytest.mark.parametrize(
    ("of", "why"),
    [
        (("--behaviour", "feed_daed"), "there is no behaviour 'feed_daed'; did you mean 'feed_dead'?"),
        (("--asset", "link-9"), "there is no asset 'link-9'; did you mean 'link-1'?"),
        (("--asset", "cable-x"), "there is no asset 'cable-x'; did you mean 'cable-2'?"),
        (("--feed", "cost"), "there is no feed 'cost'; did you mean 'coast'?"),
    ],
)
def test_a_silence_of_what_there_is_not_is_refused(
    alert: Run, service: Service, of: tuple[str, str], why: str
) -> None:
    """With what may be meant, and nothing is queued: it would silence nothing, and nobody would know."""
    (service.folder / "cables.geojson").write_text(_cables("link-1", "cable-2"))
    settings = '[watch]\nassets = ["cables.geojson"]\n[feeds.coast]\nurl = "tcp://127.0.0.1:1"\n'
    (service.folder / "seavigil.toml").write_text(settings)
    said = alert("silence", *of, "--for", "1h", "--why", "x")
    assert (said.code, said.err) == (1, f"seavigil: {why}\n")
    assert service.database.waiting_commands() == []


@pytest.mark.parametrize("asset", ["cable-2", "link-1"])
def test_a_silence_of_what_is_watched_or_has_alerts_is_taken(
    alert: Run, service: Service, asset: str
) -> None:
    """An asset taken out of the settings still has the alerts that it had: they can be silenced."""
    (service.folder / "cables.geojson").write_text(_cables("cable-2"))
    (service.folder / "seavigil.toml").write_text('[watch]\nassets = ["cables.geojson"]\n')
    assert alert("silence", "--asset", asset, "--for", "1h", "--why", "x").code == 0


def _cables(*ids: str) -> str:
    line = {"type": "LineString", "coordinates": [[20.0, 58.0], [20.5, 58.5]]}
    cables = [
        {"type": "Feature", "id": one, "properties": {"name": one, "kind": "cable"}, "geometry": line}
        for one in ids
    ]
    return json.dumps({"type": "FeatureCollection", "features": cables})


def test_without_a_service_a_command_waits_for_it(alert: Run, service: Service) -> None:
    """Whoever gave it is told that nothing was done yet."""
    said = alert("ack", "a", "--wait", 0)
    told = "a: acknowledge queued; no service runs there: it is taken up at the next start\n"
    assert (said.code, said.out) == (2, told)
    assert len(service.database.waiting_commands()) == 1


def test_a_service_that_is_busy_takes_it_up_later(alert: Run, service: Service) -> None:
    """It runs, and has not come to it yet: that is no fault."""
    with RawLog(service.folder / "log"):
        said = alert("ack", "a", "--wait", 0)
    told = "a: acknowledge queued; the service has not taken it up yet (does it run?)\n"
    assert (said.code, said.out) == (0, told)


def test_where_the_data_have_ended_nothing_is_queued(alert: Run, service: Service) -> None:
    """Nobody would ever take it up."""
    with RawLog(service.folder / "log") as log:
        log.append([Entry(Kind.TICK, 1), Entry(Kind.END, 2)])
    said = alert("ack", "a")
    assert (said.code, said.out) == (2, "")
    assert "the data of this folder have ended" in said.err
    assert service.database.waiting_commands() == []


@pytest.mark.parametrize(
    ("command", "why"),
    [
        (("ack", "zz"), "no alert 'zz'"),
        (("show", "zz"), "no alert 'zz'"),
        (("ack", "a", "zz"), "no alert 'zz'"),
        (("close", "a", "--outcome", "guilty"), "'guilty' is not one of"),
        (("retract", "a", "--why", " "), "retract: say why"),
        (("ack", "a", "--who", " "), "acknowledge: say who asks for it"),
        (("silence", "--mmsi", 1, "--for", "soon", "--why", "x"), "'soon' is no length of time"),
        (("silence", "--area", "a,b", "--for", "1h", "--why", "x"), "write south,west,north,east"),
        (("list", "--since", "yesterday"), "'yesterday' is not a time"),
        (("list", "--store", "mysql://x"), "not both"),
    ],
)
def test_what_cannot_be_meant_is_an_error_in_one_line(
    alert: Run, service: Service, command: tuple[object, ...], why: str
) -> None:
    """Exit code 1, and nothing is queued."""
    said = alert(*command)
    assert said.code == 1
    assert why in said.err
    assert said.err.count("\n") == 1
    assert service.database.waiting_commands() == []


def test_a_store_that_is_not_there_is_not_made(seavigil: Run, tmp_path: Path) -> None:
    """A folder mistyped stays away."""
    said = seavigil("alert", "list", "--folder", tmp_path / "wach")
    assert said.code == 1
    assert said.err.count("\n") == 1
    assert not (tmp_path / "wach").exists()


def test_the_settings_of_the_folder_say_where_its_store_is(
    seavigil: Run, service: Service, tmp_path: Path
) -> None:
    """A service whose store is elsewhere is found by its folder."""
    folder = tmp_path / "service"
    folder.mkdir()
    (folder / "seavigil.toml").write_text(f'[store]\nurl = "sqlite:///{service.folder}/seavigil.sqlite"\n')
    assert seavigil("alert", "list", "--folder", folder).out.startswith("a  warning")


def test_every_command_has_an_example(seavigil: Run) -> None:
    """In its help."""
    names = ("list", "show", "ack", "escalate", "close", "retract", "reopen", "note", "silence", "unsilence")
    for name in (*names, "silences"):
        assert f"Example: seavigil alert {name}" in seavigil("alert", name, "--help").out


def test_help_loads_nothing_heavy() -> None:
    """Neither the store nor arrays: help is there at once."""
    code = f"{PROGRAM[2].removesuffix('main()')}\nfrom seavigil.cli.main import run; run(['alert', '--help'])"
    check = "\nimport sys; sys.exit(bool({'sqlalchemy', 'pyarrow', 'numpy'} & set(sys.modules)))"
    done = subprocess.run([PROGRAM[0], "-c", code + check], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
