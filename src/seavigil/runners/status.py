"""How a service does at one moment: the same figures for the terminal, the web, metrics and health checks.

The service fills a `StatusSnapshot` every few seconds and writes it whole to `status.json` in its folder.
What is wrong is told of the snapshot by `problems`, in one place: nobody who asks is told otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from seavigil.reasons import many, span
from seavigil.records import SECOND_US, rfc3339
from seavigil.store.disk import write_whole
from seavigil.store.rows import FeedRow

#: The snapshot's file in the folder of a service.
STATUS_FILE = "status.json"
#: How bad a problem is: a restart is called for; the watch cannot be relied on; somebody should look.
DEAD, UNREADY, WARNING = "dead", "unready", "warning"
#: Said at the start as well.
NO_ASSETS = (
    "no assets are watched (name them under [watch] assets, those of a recording with --assets): "
    "no alert about a cable or plant can ever come"
)


@dataclass(frozen=True)
class StatusParams:
    """When something is wrong. All own choices.

    ``stale_s``: the snapshot is written every few seconds. ``stalled_s``: one step of judging takes seconds.
    ``lag_s``: what is told a minute late is still told in time; beyond it the judge does not keep up.
    ``waiting_s``: letters that wait longer do not get out. ``full_bytes``: so much room a busy feed fills
    in hours. ``unjudged_s``: a fault of one piece of data is over before.
    """

    stale_s: float = 30.0
    stalled_s: float = 120.0
    lag_s: float = 60.0
    waiting_s: float = 600.0
    full_bytes: int = 1 << 30
    unjudged_s: float = 300.0


@dataclass(frozen=True)
class JudgeStatus:
    """``alive``: its thread runs; ``idle_s``: since it last did something; ``lag_s``: from the newest record
    in the log back to the newest judged, by their wall times; ``why``: what it ended by. ``failing``: so many
    steps in a row failed for all ships, by what ``fails_by`` says; of the last ``unjudged``, for
    ``unjudged_s``, nothing was judged.
    """

    alive: bool = True
    idle_s: float = 0.0
    position: int = 0
    lag_s: float = 0.0
    reports: int = 0
    why: str = ""
    failing: int = 0
    unjudged: int = 0
    unjudged_s: float = 0.0
    fails_by: str = ""


@dataclass(frozen=True)
class LogStatus:
    """``position``: of the newest record written; ``free_bytes``: room left on its disk, if known."""

    writable: bool = True
    why: str = ""
    position: int = 0
    bytes: int = 0
    free_bytes: int | None = None


@dataclass(frozen=True)
class StoreStatus:
    """``shown``: the URL without a password; ``why``: what keeps it from being written."""

    shown: str = ""
    writable: bool = True
    why: str = ""


@dataclass(frozen=True)
class OutboxStatus:
    """Letters by state; ``oldest_s``: how long the oldest has waited beyond its time."""

    waiting: int = 0
    sent: int = 0
    dead: int = 0
    oldest_s: float | None = None


@dataclass(frozen=True)
class Statement:
    """The newest statement of what was seen and heard."""

    wall_us: int
    text: str


@dataclass(frozen=True)
class Failing:
    """A channel that does not work now: since when, and what it said last."""

    name: str
    since_us: int
    why: str


@dataclass(frozen=True)
class StatusSnapshot:
    """Everything that is told of a service. Times are wall time in microseconds UTC.

    ``alerts``: how many, by priority and then by status. ``channels``: figures of each channel, by name;
    ``failing``: those that do not work now. ``assets``: how many are watched, None where that is not known.
    ``faults``: steps that failed in the last day, ``faults_of_all`` of them for all ships.
    ``stopped``: it has ended in good order. ``exposed``: what is wrong with how it is reached.
    """

    taken_us: int
    started_us: int = 0
    version: str = ""
    pid: int = 0
    assets: int | None = None
    feeds: tuple[FeedRow, ...] = ()
    judge: JudgeStatus = field(default_factory=JudgeStatus)
    log: LogStatus = field(default_factory=LogStatus)
    store: StoreStatus = field(default_factory=StoreStatus)
    alerts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    outbox: OutboxStatus = field(default_factory=OutboxStatus)
    channels: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    failing: tuple[Failing, ...] = ()
    statement: Statement | None = None
    faults: int = 0
    faults_of_all: int = 0
    stopped: bool = False
    exposed: str = ""

    def as_json(self) -> dict[str, Any]:
        """Give it as plain values that `from_json` reads back."""
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> StatusSnapshot:
        """Read what `as_json` gave. Raises ``ValueError`` for anything else."""
        try:
            statement = told["statement"]
            return cls(
                **{
                    **told,
                    "feeds": tuple(feed_row(row) for row in told["feeds"]),
                    "judge": JudgeStatus(**told["judge"]),
                    "log": LogStatus(**told["log"]),
                    "store": StoreStatus(**told["store"]),
                    "outbox": OutboxStatus(**told["outbox"]),
                    "failing": tuple(Failing(**row) for row in told.get("failing", ())),
                    "statement": None if statement is None else Statement(**statement),
                }
            )
        except (KeyError, TypeError, AttributeError) as fault:
            raise ValueError(f"this is no status of this version of Seavigil ({fault})") from fault


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong: ``severity`` is ``dead``, ``unready`` or ``warning``; ``words`` say what."""

    code: str
    severity: str
    words: str


def feed_row(told: Mapping[str, Any]) -> FeedRow:
    """Give the row of a feed from its JSON, or from the store's (which has more columns)."""
    return FeedRow(**{name: told[name] for name in FeedRow.__slots__})


def feed_alive(row: FeedRow) -> bool:
    """Whether a feed brings reports, or is not late enough to be called dead."""
    return bool(row.counts.get("alive", 1))


def problems(
    status: StatusSnapshot, now_us: int | None = None, params: StatusParams | None = None
) -> list[Problem]:
    """Give what is wrong, the worst first; ``now_us`` also tells a snapshot that is too old."""
    params = params or StatusParams()
    age_s = 0.0 if now_us is None else (now_us - status.taken_us) / SECOND_US
    found = [*_of_core(status, age_s, params), *_of_feeds(status), *_of_letters(status, params)]
    rank = (DEAD, UNREADY, WARNING)
    return sorted(found, key=lambda problem: rank.index(problem.severity))


def live(status: StatusSnapshot, params: StatusParams | None = None) -> list[Problem]:
    """Give what only a restart can mend."""
    return [p for p in problems(status, params=params) if p.severity == DEAD]


def ready(status: StatusSnapshot, params: StatusParams | None = None) -> list[Problem]:
    """Give what keeps the watch from being relied on: nothing where it is ready."""
    return [p for p in problems(status, params=params) if p.severity != WARNING]


def _of_core(status: StatusSnapshot, age_s: float, params: StatusParams) -> Iterator[Problem]:
    judge, log = status.judge, status.log
    if status.stopped:
        yield Problem("stopped", DEAD, f"the service was stopped {span(age_s)} ago: nothing is watched")
        return
    if age_s > params.stale_s:
        told = f"the last status is {span(age_s)} old: the service is not running, or hangs"
        if not status.taken_us:
            told = "nothing is known of a service here: it never told how it does"
        yield Problem("not_running", DEAD, told)
    if not judge.alive:
        yield Problem("judge_ended", DEAD, f"judging has ended: {judge.why or 'the reason is not known'}")
    elif judge.idle_s > params.stalled_s:
        yield Problem("judge_stalled", DEAD, f"judging has not moved for {span(judge.idle_s)}")
    yield from _of_judging(judge, params)
    if judge.alive and judge.lag_s > params.lag_s:
        behind = log.position - judge.position
        told = f"judging is {span(judge.lag_s)} behind ({many(max(behind, 0), 'record')} of the log)"
        yield Problem("judge_lags", UNREADY, told)
    if not log.writable:
        yield Problem("log_not_writable", UNREADY, f"nothing can be written down: {log.why}")
    elif log.free_bytes is not None and log.free_bytes < params.full_bytes:
        yield Problem(
            "disk_nearly_full", WARNING, f"only {log.free_bytes >> 20:,} MiB left on the log's disk"
        )
    if not status.store.writable:
        yield Problem("store_not_writable", UNREADY, f"the store takes nothing: {status.store.why}")


def _of_judging(judge: JudgeStatus, params: StatusParams) -> Iterator[Problem]:
    """Say that what is heard is not judged, or not as it should be."""
    if not judge.alive or not judge.failing:
        return
    lost = "nothing of them was judged" if judge.unjudged else "what they judged lacks a part"
    told = f"judging fails for all ships, {many(judge.failing, 'step')} in a row: {lost} ({judge.fails_by})"
    yield Problem("judge_fails", DEAD if judge.unjudged_s >= params.unjudged_s else UNREADY, told)


def _of_feeds(status: StatusSnapshot) -> Iterator[Problem]:
    alive = [feed_alive(row) for row in status.feeds]
    if status.assets == 0:
        yield Problem("no_assets", WARNING, NO_ASSETS)
    if not status.feeds:
        yield Problem("no_feed", UNREADY, "no feed: nothing can be heard")
    elif not any(alive):
        yield Problem("all_feeds_dead", UNREADY, "no feed brings reports: the watch is blind")
    for row, lives in zip(status.feeds, alive, strict=True):
        if not lives:
            why = f": {row.why}" if row.why else ""
            yield Problem("feed_dead", WARNING, f"feed {row.name} is {_said(row.state)}{why}")
        elif row.state not in ("connected", "ended"):  # what may end, a recording, has
            why = f": {row.why}" if row.why else f" since {rfc3339(row.since_us)}"
            yield Problem("feed_troubled", WARNING, f"feed {row.name} is {_said(row.state)}{why}")


def _said(state: str) -> str:
    return {"waiting": "not connected", "clock_off": "off its clock", "garbage": "sending garbage"}.get(
        state, state
    )


def _of_letters(status: StatusSnapshot, params: StatusParams) -> Iterator[Problem]:
    outbox = status.outbox
    if status.exposed:
        yield Problem("exposed", WARNING, status.exposed)
    for one in status.failing:
        told = f"channel {one.name} fails since {rfc3339(one.since_us)}: {one.why}"
        yield Problem("channel_fails", WARNING, told)
    if outbox.dead:
        yield Problem("dead_letters", WARNING, f"{many(outbox.dead, 'message')} could not be sent for good")
    if outbox.oldest_s is not None and outbox.oldest_s > params.waiting_s:
        told = f"{many(outbox.waiting, 'message')} not sent, the oldest for {span(outbox.oldest_s)}"
        yield Problem("outbox_waits", WARNING, told)
    if status.faults_of_all:
        told = (
            f"{many(status.faults_of_all, 'step')} failed for all ships in the last day: much may be missing"
        )
        yield Problem("judge_failed", WARNING, told)
    if status.faults > status.faults_of_all:
        of_one = status.faults - status.faults_of_all
        told = f"{many(of_one, 'step')} failed on a ship in the last day; the others are watched"
        yield Problem("step_faults", WARNING, told)


def write_status(folder: Path, status: StatusSnapshot) -> None:
    """Write the snapshot whole into the folder of the service. Raises ``OSError``."""
    write_whole(folder / STATUS_FILE, json.dumps(status.as_json(), ensure_ascii=False).encode())


def read_status(folder: Path) -> StatusSnapshot | None:
    """Read the snapshot of a folder, None where there is none. Raises ``ValueError`` for another file."""
    path = folder / STATUS_FILE
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        return None
    try:
        return StatusSnapshot.from_json(json.loads(text))
    except (ValueError, TypeError) as fault:
        raise ValueError(f"{path}: {fault}") from fault
