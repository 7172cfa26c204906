"""The scorecard: seeded incidents and ordinary traffic before our watch and before the published rules.

Every play goes once through the same `Watch` as any recording; the published rules see the rows that it
released. Settings are tried on training seeds only (see ``TRAINING_SEEDS``); what is scored here
uses seeds that nothing was tried on.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent import futures
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import chain
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from threading import Thread
from time import perf_counter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from seavigil.alerts import Alert
from seavigil.assets import Assets
from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.exercises.fault_scoring import Suspected
from seavigil.exercises.forecast_scoring import Forecasts
from seavigil.exercises.incidents import INCIDENTS, incident
from seavigil.exercises.ordinary import ordinary
from seavigil.exercises.scorecard_pages import figures
from seavigil.exercises.scoring import PRIORITIES, Case, Ordinary, Raised, case, one_alarm
from seavigil.exercises.traffic import Inject
from seavigil.exercises.truth import read_truth
from seavigil.records import Decoded, parse_time_us
from seavigil.runners import batch
from seavigil.runners.baselines import BASELINES, SAID
from seavigil.runners.batch import Reader
from seavigil.runners.fault_plays import FaultPlay
from seavigil.runners.faults import Faults
from seavigil.runners.forecast_plays import ForecastPlay
from seavigil.runners.known import Known
from seavigil.runners.live import Outcome, Watch, ships_in_order
from seavigil.runners.playing import known_of
from seavigil.runners.ships import Ships
from seavigil.runners.volume import ShipDays
from seavigil.track import split

#: Settings may be tried on these seeds and on no others.
TRAINING_SEEDS = range(1, 1000)
#: The scorecard's own, each from there on: incidents, ordinary traffic, forecasts.
INCIDENT_SEED, ORDINARY_SEED, FORECAST_SEED = 10_001, 20_001, 30_001

OURS = "seavigil"

#: So often Ctrl-C is listened for: where a library's handler lets waits go on, none comes through earlier.
_LISTEN_S = 0.5


@dataclass(frozen=True)
class Plan:
    """What is played. ``every_s``: reports are thinned to one a ship and so many seconds (None: all).

    ``forecast_plays``: of ``forecast_ships`` for two days, so that a day ahead is held against a day.
    """

    incident_seeds: int = 20
    ordinary_plays: int = 23
    ships: int = 300
    days: float = 1.0
    every_s: float = 20.0
    forecast_plays: int = 4
    forecast_ships: int = 100
    kinds: tuple[str, ...] = tuple(INCIDENTS)

    @classmethod
    def quick(cls) -> Plan:
        """Give a plan of about three minutes on two cores."""
        return cls(incident_seeds=2, ordinary_plays=2, forecast_plays=1, forecast_ships=40)

    @property
    def tasks(self) -> list[Callable[[], Played]]:
        """Give what is to be played, the longest first."""
        ordinary_seeds = range(ORDINARY_SEED, ORDINARY_SEED + self.ordinary_plays)
        incident_seeds = range(INCIDENT_SEED, INCIDENT_SEED + self.incident_seeds)
        forecast_seeds = range(FORECAST_SEED, FORECAST_SEED + self.forecast_plays)
        ahead = [partial(play_forecasts, seed, self.forecast_ships, self.every_s) for seed in forecast_seeds]
        calm = [partial(play_ordinary, seed, self.ships, self.days, self.every_s) for seed in ordinary_seeds]
        cases = [partial(play_incident, k, seed, self.every_s) for k in self.kinds for seed in incident_seeds]
        return [*ahead, *calm, *cases]


@dataclass
class Played:
    """What one or many plays came to, by rule."""

    cases: dict[str, list[Case]] = field(default_factory=dict)
    ordinary: dict[str, Ordinary] = field(default_factory=dict)
    reports: int = 0
    faults: dict[str, int] = field(default_factory=dict)
    forecasts: Forecasts = field(default_factory=Forecasts)
    suspected: Suspected = field(default_factory=Suspected)

    def add(self, other: Played) -> None:
        """Take what another play came to."""
        self.forecasts.add(other.forecasts)
        self.suspected.add(other.suspected)
        for rule, cases in other.cases.items():
            self.cases.setdefault(rule, []).extend(cases)
        for rule, calm in other.ordinary.items():
            self.ordinary.setdefault(rule, Ordinary()).add(calm.ship_days, calm.raised)
        self.reports += other.reports
        for step, n in other.faults.items():
            self.faults[step] = self.faults.get(step, 0) + n


def run(
    plan: Plan, *, workers: int = 2, progress: Callable[[int, int], None] = lambda done, total: None
) -> Played:
    """Play everything in ``plan``, in ``workers`` processes; the result does not depend on how many.

    Interrupted, or with a fault in one play, the others end at once.
    """
    tasks = plan.tasks
    results: dict[int, Played] = {}
    spawn = get_context("spawn")
    theirs, ours = spawn.Pipe(duplex=False)
    workforce = futures.ProcessPoolExecutor(workers, spawn, initializer=_end_with, initargs=(theirs,))
    with theirs, ours, workforce as pool:
        try:
            started = {pool.submit(task): i for i, task in enumerate(tasks)}
            left = set(started)
            while left:
                done, left = futures.wait(left, timeout=_LISTEN_S, return_when=futures.FIRST_COMPLETED)
                results |= {started[play]: play.result() for play in done}
                progress(len(results), len(tasks))
        except BaseException:
            ours.close()  # or leaving the pool would wait until the last play is over
            pool.shutdown(cancel_futures=True)
            raise
    whole = Played()
    for i in range(len(tasks)):
        whole.add(results[i])
    return whole


def _end_with(line: Connection) -> None:
    """Let this worker end as soon as the other end of ``line`` closes, which a killed parent's does too."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C goes to all: the parent says what becomes of it

    def end() -> None:
        wait([line])
        os._exit(1)

    Thread(target=end, daemon=True).start()


def card(
    plan: Plan, *, workers: int = 2, progress: Callable[[int, int], None] = lambda done, total: None
) -> dict[str, Any]:
    """Play everything in ``plan`` and give the scorecard's figures."""
    began_s = perf_counter()
    played = run(plan, workers=workers, progress=progress)
    says = (
        f"{plan.incident_seeds} plays each of {len(plan.kinds)} kinds of incident (seeds {INCIDENT_SEED} on) "
        f"and {plan.ordinary_plays} plays of ordinary traffic of {plan.ships} ships for {plan.days:g} "
        f"days (seeds from {ORDINARY_SEED} on), one report a ship every {plan.every_s:g} s; forecasts of all "
        f"ships in {plan.forecast_plays} plays of ordinary traffic of {plan.forecast_ships} ships for two "
        f"days (seeds from {FORECAST_SEED} on). All ships are "
        "invented. The watch knew assets, charted places and hourly weather, no depths and no history. No "
        f"setting was tried on these seeds: training seeds lie below {TRAINING_SEEDS.stop}. Ships of an "
        "incident play that play no incident count as ordinary traffic."
    )
    return {**_card(played, says), "plan": asdict(plan), "took_s": round(perf_counter() - began_s)}


def of_recordings(job: batch.Job, truth: Path, read: Reader) -> dict[str, Any]:
    """Give the same figures for the recordings of ``job``, whose truth is known.

    Raises ``ValueError`` for a truth that cannot be read or is of another time, and what `batch.run` raises.
    """
    injects = read_truth(truth)
    incidents = [inject for inject in injects if inject.expects]
    judged = _Judge(job.assets or Assets(), incidents)
    summary = batch.run(job, read, batch.Hooks(outcome=judged.add)).as_json()
    if incidents and not _overlap(incidents, summary):
        raise ValueError(f"{truth}: none of its incidents lies within the recording: another one's truth?")
    says = f"{', '.join(job.sources)}, held against {truth.name}."
    return _card(_held(judged.result(), incidents, 0), says)


def _card(played: Played, says: str) -> dict[str, Any]:
    rules = "; ".join(f"{name}: {said}" for name, said in SAID.items())
    return {
        "says": says,
        "rules_say": "The rules, from their published thresholds, over the same reports: " + rules + ".",
        "reports": played.reports,
        "faults": played.faults,
        **figures(played.cases, played.ordinary, OURS, played.forecasts, played.suspected),
    }


def play_incident(kind: str, seed: int, every_s: float | None) -> Played:
    """Play one incident and say when each rule found it; the other ships count as ordinary traffic."""
    play = incident(kind, seed)
    injects = [inject for inject in play.truth if inject.expects]
    return _held(judge(*known_of(play), play.pieces(every_s=every_s), injects), injects, seed)


def _overlap(injects: Iterable[Inject], summary: Mapping[str, Any]) -> bool:
    """Whether any incident lies, at least in part, within what was watched."""
    if not summary["began"]:
        return False
    began_us, ended_us = parse_time_us(summary["began"]), parse_time_us(summary["ended"])
    return any(i.began_us <= ended_us and i.ended_us >= began_us for i in injects)


def _guilty(injects: Iterable[Inject]) -> set[int]:
    return {mmsi for inject in injects for mmsi in inject.mmsis}


def _held(judged: Judged, injects: Sequence[Inject], seed: int) -> Played:
    """Hold what was raised against the incidents; what the other ships raised is for nothing."""
    guilty = _guilty(injects)
    played = judged.played()
    for rule, raised in judged.raised.items():
        played.cases[rule] = [case(inject, seed, raised) for inject in injects]
        others = [one for one in raised if one.mmsi not in guilty]
        played.ordinary[rule] = Ordinary(judged.ship_days, others)
    return played


def play_ordinary(seed: int, ships: int, days: float, every_s: float | None) -> Played:
    """Play ordinary traffic and say what each rule raised."""
    play = ordinary(seed, ships=ships, days=days)
    judged = judge(*known_of(play), play.pieces(every_s=every_s), ())
    calm = {rule: Ordinary(judged.ship_days, raised) for rule, raised in judged.raised.items()}
    return replace(judged.played(), ordinary=calm)


def play_forecasts(seed: int, ships: int, every_s: float | None) -> Played:
    """Play two days of ordinary traffic and ask at every full hour what each ship reaches next."""
    play = ordinary(seed, ships=ships, days=2.0)
    assets, known = known_of(play)
    watch, forecasts = Watch(assets, (), known, areas=()), ForecastPlay(AssetIndex(assets))
    for piece in chain(play.pieces(every_s=every_s), [None]):
        outcome = watch.take(Decoded() if piece is None else piece, final=piece is None)
        forecasts.add(outcome.reports, outcome.surroundings)
    return Played(forecasts=forecasts.result())


@dataclass
class Judged:
    """What each rule raised in one play, and the ship-days of the ships that play no incident."""

    raised: dict[str, list[Raised]]
    ship_days: float
    reports: int
    faults: dict[str, int]
    forecasts: Forecasts
    suspected: Suspected

    def played(self) -> Played:
        """Give what does not depend on who was guilty."""
        return Played(
            reports=self.reports, faults=self.faults, forecasts=self.forecasts, suspected=self.suspected
        )


def judge(assets: Assets, known: Known, pieces: Iterable[Decoded], incidents: Sequence[Inject]) -> Judged:
    """Watch one play, and let the published rules see the same rows."""
    watch, judged = Watch(assets, known=known), _Judge(assets, incidents, hourly=False)
    for piece in pieces:
        judged.add(watch.take(piece))
    judged.add(watch.take(Decoded(), final=True))
    return judged.result()


class _Judge:
    """Gathers, outcome by outcome, what each rule raises, and what is forecast at every hour, and who is
    suspected of each hit.

    The ships of ``incidents`` give no ordinary ship-days. ``hourly``: forecasts are asked for at full hours
    too.
    """

    def __init__(self, assets: Assets, incidents: Sequence[Inject], *, hourly: bool = True) -> None:
        self._guilty = pa.array(sorted(_guilty(incidents)), pa.uint32())
        self._forecasts = ForecastPlay(AssetIndex(assets), incidents, hourly=hourly)
        self._suspected = FaultPlay(assets, incidents)
        self._rules, self._gathered, self._innocent = _Rules(assets), Gathered(), ShipDays()
        self._reports = 0
        self._faults: Counter[str] = Counter()

    def add(self, outcome: Outcome) -> None:
        reports = outcome.reports
        self._gathered.add(outcome.alerts)
        self._rules.add(reports)
        self._innocent.add(reports.filter(pc.invert(pc.is_in(reports["mmsi"], self._guilty))))
        self._forecasts.add(reports, outcome.surroundings)
        self._suspected.add(outcome.events, outcome.surroundings)
        self._reports += reports.num_rows
        self._faults.update(fault.step for fault in outcome.faults)

    def result(self) -> Judged:
        raised = {OURS: self._gathered.raised(), **self._rules.raised()}
        return Judged(
            raised,
            self._innocent.ship_days,
            self._reports,
            dict(self._faults),
            self._forecasts.result(),
            self._suspected.result(),
        )


class Gathered:
    """Alerts put together from their revisions."""

    def __init__(self) -> None:
        self._by_id: dict[str, Raised] = {}

    def add(self, revisions: Sequence[Alert]) -> None:
        """Take revisions in data-time order."""
        for alert in revisions:
            old = self._by_id.get(alert.alert_id) or Raised(
                None if alert.vessel is None else alert.vessel.mmsi, {}, alert.priority, ()
            )
            reached = {alert.priority: alert.revised_at_us, **old.reached_us}
            rates = [r for r in (old.expected, alert.expected_per_1000_ship_days) if r is not None]
            self._by_id[alert.alert_id] = replace(
                old,
                reached_us=reached,
                priority=max(old.priority, alert.priority, key=PRIORITIES.index),
                behaviours=alert.behaviours,
                expected=min(rates, default=None),
                retracted=alert.status == "retracted",
            )

    def raised(self) -> list[Raised]:
        """Give each alert once."""
        return list(self._by_id.values())


class _Rules:
    """The published rules, over the rows that the watch released."""

    def __init__(self, assets: Assets) -> None:
        self._surroundings = Surroundings(AssetIndex(assets))
        self._ships = Ships(BASELINES)
        self._times_us: dict[str, dict[int, list[int]]] = {b.name: {} for b in BASELINES}

    def add(self, reports: pa.Table) -> None:
        if not reports.num_rows:
            return
        rows = split(ships_in_order(reports))
        as_of_us = int(reports["time_us"][-1].value)
        for event in self._ships.detect(rows, self._surroundings, as_of_us, Faults()):
            if event.revision == 1 and event.mmsi is not None:
                self._times_us[event.behaviour].setdefault(event.mmsi, []).append(event.detected_at_us)

    def raised(self) -> dict[str, list[Raised]]:
        return {name: one_alarm(times_us, name) for name, times_us in self._times_us.items()}
