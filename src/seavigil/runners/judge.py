"""The watch as a function of the raw log: records in, what they led to out; no clock, no file, no socket.

Whatever may change what is judged stands in the log, in one order: the bytes of feeds, the openings and
ends of their connections, the operators' commands, fault notices, and the ticks of the wall clock by which
silence is told. The same records give the same alerts, however they are cut into steps; so a judge that was
stored and woken again goes on where it was, and a log of years ago gives what it gave then.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from seavigil.alerts import Alert, AlertBook, BookParams, Command, Refused, Transition
from seavigil.assets import Assets
from seavigil.feeds.formats import UnreadableInput, parse_mapping
from seavigil.inputs.faults import named, notice_of
from seavigil.records import MINUTE_US, NEVER_US, Decoded, join
from seavigil.runners.faults import Fault, of_all
from seavigil.runners.feed_health import FeedHealth
from seavigil.runners.live import Outcome, Watch, left_out
from seavigil.runners.statements import Statements
from seavigil.runners.streams import Streams
from seavigil.store.rawlog import Kind, Record
from seavigil.store.rows import CommandDone, StatementRow

#: So many commands are remembered: one that a crash wrote down twice is obeyed once.
_REMEMBERED = 10_000
#: Data that bring nothing for so long are silent: as long as reports are waited for that come late.
_QUIET_US = MINUTE_US
#: No more than this is taken to have passed between two ticks, which come every few seconds: more than that
#: the watch did not run, or its clock was set.
_LONGEST_TICK_US = MINUTE_US


@dataclass
class Step:
    """What a stretch of the log led to, in its order; ``wall_us`` is that of the last record.

    ``first_seq`` and ``first_wall_us`` are those of the first.
    """

    position: int
    wall_us: int
    first_seq: int = 0
    first_wall_us: int = 0
    outcomes: list[Outcome] = field(default_factory=list)
    decoded: list[Decoded] = field(default_factory=list)
    alerts: list[Alert] = field(default_factory=list)
    transitions: list[Transition] = field(default_factory=list)
    commands: list[CommandDone] = field(default_factory=list)
    statements: list[StatementRow] = field(default_factory=list)
    refused_notices: list[str] = field(default_factory=list)
    ended: bool = False


class Judge:
    """All that is known of one watch at one place in its log; it can be stored there and woken again."""

    def __init__(
        self,
        watch: Watch,
        assets: Assets | None,
        health: FeedHealth,
        params: BookParams,
        statements: Statements | None = None,
    ) -> None:
        self.watch = watch
        self.streams = Streams()
        self.health = health
        #: Alerts about feeds: their times are those of the wall clock.
        self.feed_alerts = AlertBook(params)
        self.statements = statements or Statements()
        #: The number of the last record judged.
        self.position = 0
        self.wall_us = 0
        #: Whether the data have ended: nothing follows them.
        self.ended = False
        self._assets = assets
        self._obeyed: dict[str, None] = {}
        #: For how long ticks have brought nothing that was judged; where clock and data stood at the last.
        self._quiet_us = 0
        self._tick_us: int | None = None
        self._as_of_us = NEVER_US

    def step(self, records: Sequence[Record]) -> Step:
        """Judge the records that follow those judged before."""
        step = Step(self.position, self.wall_us)
        if records:
            step.first_seq, step.first_wall_us = records[0].seq, records[0].wall_us
        waiting: list[Decoded] = []
        for record in records:
            step.position, step.wall_us = record.seq, record.wall_us
            if not self.ended:
                self._one(record, waiting, step)
        _guarded(step, self._take, waiting, step)
        self.position, self.wall_us = step.position, step.wall_us
        return step

    def _one(self, record: Record, waiting: list[Decoded], step: Step) -> None:
        """Judge one record; reports wait for others until something is done at its own place."""
        if record.kind in _CUTS:
            _guarded(step, self._take, waiting, step, final=record.kind == Kind.END)
        _guarded(step, self.health.take, record)
        if record.kind in _ACTS:
            _guarded(step, self._act, record, step)
        else:
            _guarded(step, self._decode, record, waiting)

    def _decode(self, record: Record, waiting: list[Decoded]) -> None:
        """Take what a record's bytes, or the end of its connection, bring."""
        if record.kind == Kind.DATA:
            found = [self.streams.receive(record.feed, record.stream, record.payload, record.wall_us)]
        elif record.kind == Kind.CLOSED:
            found = [self.streams.close(record.feed, record.stream, record.wall_us)]
        elif record.kind == Kind.FEED:
            self._meet(record)
            found = []
        elif record.kind == Kind.STATE and _content(record).get("state") == "started":
            found = list(self.streams.close_all(record.wall_us))  # those that the last end cut off
        else:
            found = []
        waiting += found
        for decoded in found:
            self.health.heard(decoded, record.wall_us, record.feed)

    def _meet(self, record: Record) -> None:
        told = _content(record)
        try:
            columns = parse_mapping(told["columns"]) if told.get("columns") else None
            self.streams.feed(told["feed"], told["name"], told.get("format"), columns)
        except UnreadableInput:  # of a version that knew another format
            self.streams.feed(told["feed"], told["name"], None)

    def _take(self, waiting: list[Decoded], step: Step, *, final: bool = False) -> None:
        """Judge what was decoded: the way of a report from here on is `Watch.take`."""
        if not waiting and not final:
            return
        decoded = join(waiting)
        waiting.clear()
        step.decoded.append(decoded)
        off_us = self.health.receipt_off_us
        try:
            outcome = self.watch.take(decoded, final=final, receipt_off_us=off_us)
        except Exception as fault:
            self.health.unjudged(decoded.reports, decoded.vessels)
            self.health.failed(f"{type(fault).__name__}: {fault}")
            raise
        self.health.unjudged(left_out(outcome.reports))
        for found in of_all(outcome.faults):
            self.health.failed(found.error)
        self._told(outcome, step)

    def _told(self, outcome: Outcome, step: Step) -> None:
        step.outcomes.append(outcome)
        self.health.sights.take(outcome.alerts, outcome.transitions)
        step.alerts += [self.health.beside(alert) for alert in outcome.alerts]
        step.transitions += outcome.transitions

    def _act(self, record: Record, step: Step) -> None:
        if record.kind == Kind.COMMAND:
            self._obey(record, step)
        elif record.kind == Kind.NOTICE:
            self._notice(record, step)
        elif record.kind == Kind.TICK:
            _guarded(step, self._wait, record.wall_us, step)
            step.alerts += self.feed_alerts.advance(self.health.alerts(), record.wall_us)
            step.transitions += self.feed_alerts.transitions()
            self.feed_alerts.keep(self.health.live_alerts)
            step.statements += self.statements.tick(record.wall_us, self.health, self.watch)
        else:
            step.ended = self.ended = True

    def _wait(self, wall_us: int, step: Step) -> None:
        """Let alerts wait on while the data are silent: time goes on for who should answer them.

        Theirs is the last of the data, and what the ticks since have told; a clock that is set is not time.
        """
        passed_us = 0 if self._tick_us is None else wall_us - self._tick_us
        heard = self.watch.as_of_us != self._as_of_us
        self._tick_us, self._as_of_us = wall_us, self.watch.as_of_us
        self._quiet_us = 0 if heard else self._quiet_us + min(max(passed_us, 0), _LONGEST_TICK_US)
        if self._quiet_us >= _QUIET_US and self._as_of_us != NEVER_US:
            self._told(self.watch.wait(self._as_of_us + self._quiet_us), step)

    def _obey(self, record: Record, step: Step) -> None:
        told = _content(record)
        command_id = str(told.get("command_id", ""))
        if command_id in self._obeyed:
            return
        self._obeyed[command_id] = None
        if len(self._obeyed) > _REMEMBERED:
            del self._obeyed[next(iter(self._obeyed))]
        try:
            command = Command.from_json(told)
            if self.feed_alerts.concerns(command) or command.arguments.get("feeds"):
                step.alerts += self.feed_alerts.obey(command, record.wall_us)
                step.transitions += self.feed_alerts.transitions()
            else:
                self._told(self.watch.obey(command), step)
            done = CommandDone(command_id, "done", "", record.seq)
        except (Refused, ValueError) as why:
            done = CommandDone(command_id, "refused", str(why), record.seq)
        step.commands.append(done)

    def _notice(self, record: Record, step: Step) -> None:
        """Take an outage notice; what was wrong with it was told to who sent it."""
        try:
            if self._assets is None:
                raise ValueError("no assets are watched")
            self.watch.notices.notice([notice_of(named(_content(record)), self._assets)])
        except ValueError as why:
            step.refused_notices.append(f"record {record.seq}: {why}")


#: What is done at its own place between the reports before it and those after.
_ACTS = frozenset({Kind.COMMAND, Kind.NOTICE, Kind.TICK, Kind.END})
#: What may change how the reports after it are judged: those before it are judged first.
_CUTS = _ACTS | {Kind.FEED}


def _guarded(step: Step, do: Callable[..., None], *arguments: Any, **named: Any) -> None:
    """Do something; what nobody foresaw costs only this, is kept as a fault, and the watch goes on."""
    try:
        do(*arguments, **named)
    except Exception as fault:
        found = Fault("all ships", f"record {step.position}", f"{type(fault).__name__}: {fault}")
        step.outcomes.append(Outcome(faults=(found,)))


def _content(record: Record) -> Mapping[str, Any]:
    try:
        content = json.loads(record.payload or b"{}")
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}
