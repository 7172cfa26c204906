"""What the database keeps, as plain rows: times are integers, microseconds UTC since 1970.

``data_us`` is time of the data, ``wall_us`` that of the clock when the log wrote the record down; both come
from the log, so that replaying it gives the same rows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from seavigil.events import Event


def alert_columns(line: Mapping[str, Any], times_us: Mapping[str, int | None]) -> dict[str, Any]:
    """Give what is searched of an alert's ndjson object; its times come beside it, in microseconds."""
    vessel, position = line["vessel"] or {}, line["position"] or {}
    return {
        **{k: line[k] for k in ("alert_id", "revision", "status", "priority", "behaviours", "event_ids")},
        **{k: vessel.get(k) for k in ("vessel_id", "mmsi", "name")},
        **{k: position.get(k) for k in ("lat_deg", "lon_deg")},
        **times_us,
        "asset_ids": [a["asset_id"] for a in line["assets"]],
    }


@dataclass(frozen=True, slots=True)
class AlertRow:
    """One revision of one alert. ``line`` is its ndjson object, the rest is what it is found by."""

    alert_id: str
    revision: int
    status: str
    priority: str
    behaviours: tuple[str, ...]
    vessel_id: str | None
    mmsi: int | None
    name: str | None
    asset_ids: tuple[str, ...]
    began_us: int
    ended_us: int | None
    detected_at_us: int
    revised_at_us: int
    lat_deg: float | None
    lon_deg: float | None
    exercise: bool
    line: Mapping[str, Any]
    event_ids: tuple[str, ...] = ()
    other_mmsis: tuple[int, ...] = ()


def alert_row(line: Mapping[str, Any], times_us: Mapping[str, int | None]) -> AlertRow:
    """Give the row of an alert's ndjson object.

    ``times_us``: its ``began_us``, ``ended_us``, ``detected_at_us`` and ``revised_at_us``.
    """
    columns = alert_columns(line, times_us)
    lists = {k: tuple(columns[k]) for k in ("behaviours", "asset_ids", "event_ids")}
    others = tuple(v["mmsi"] for v in line.get("other_vessels", ()))
    exercise = bool(line.get("exercise", False))
    return AlertRow(**{**columns, **lists}, exercise=exercise, line=line, other_mmsis=others)


@dataclass(frozen=True, slots=True)
class TransitionRow:
    """One step in an alert's life: what happened, from which status to which, by whom and why.

    ``who`` is an operator, or ``seavigil`` for what the watch did itself. ``alert_id`` is None for what
    concerns no single alert, such as a silence.
    """

    alert_id: str | None
    revision: int
    what: str
    before: str | None
    after: str | None
    who: str
    data_us: int
    wall_us: int
    why: str = ""


@dataclass(frozen=True, slots=True)
class EventRow:
    """The newest known revision of one event; ``line`` has all of it."""

    event_id: str
    revision: int
    behaviour: str
    vessel_id: str
    mmsi: int | None
    asset_id: str | None
    began_us: int
    ended_us: int | None
    known_at_us: int
    lat_deg: float | None
    lon_deg: float | None
    line: Mapping[str, Any]


def event_row(event: Event) -> EventRow:
    """Give the row of an event."""
    line = asdict(event) | {"flags": int(event.flags)}
    return EventRow(**{name: getattr(event, name) for name in _EVENT_COLUMNS}, line=line)


_EVENT_COLUMNS = tuple(name for name in EventRow.__slots__ if name != "line")


@dataclass(frozen=True, slots=True)
class OutboxRow:
    """One thing to be told to one channel. ``key`` is ``alert_id:revision:channel``: it is told once.

    ``payload`` is the alert's ndjson object plus ``transition``.
    """

    key: str
    channel: str
    alert_id: str
    revision: int
    priority: str
    what: str
    created_us: int
    payload: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class OutboxItem(OutboxRow):
    """A row with what became of it: ``state`` is ``waiting``, ``sent`` or ``dead``.

    ``next_us``: it is due from then on. ``last_error``: why it was put off or given up; ``says``: what the
    channel answered when it was sent, at ``done_us``.
    """

    attempts: int = 0
    state: str = "waiting"
    next_us: int = 0
    last_error: str = ""
    says: str = ""
    done_us: int | None = None


@dataclass(frozen=True, slots=True)
class FeedRow:
    """How one feed does: counts since the log began, rates per second of the last minutes."""

    feed: int
    name: str
    url: str
    state: str
    why: str
    since_us: int
    last_bytes_us: int | None
    last_report_us: int | None
    bytes: int
    reports: int
    rejects: int
    ships: int
    delay_s_median: float | None
    delay_s_p95: float | None
    usual_reports_per_s: float | None
    reports_per_s: float | None
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StatementRow:
    """What can be said of a time in which nothing, or little, was seen: words and the figures behind them."""

    wall_us: int
    data_us: int
    text: str
    figures: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CommandDone:
    """What became of an operator's command at a ``position`` of the log: ``done`` or ``refused``."""

    command_id: str
    state: str
    why: str
    position: int


@dataclass(frozen=True, slots=True)
class StepFaultRow:
    """A step that failed on one ship; the watch went on without her, until ``until_us`` of the data."""

    wall_us: int
    data_us: int
    vessel_id: str
    step: str
    error: str
    until_us: int | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """What the log up to ``position`` led to: saved whole or not at all; saved again it changes nothing.

    ``wall_us`` is that of the last record. ``feeds`` are as they stood there.
    """

    position: int
    wall_us: int
    alerts: Sequence[AlertRow] = ()
    transitions: Sequence[TransitionRow] = ()
    events: Sequence[EventRow] = ()
    outbox: Sequence[OutboxRow] = ()
    feeds: Sequence[FeedRow] = ()
    statements: Sequence[StatementRow] = ()
    commands: Sequence[CommandDone] = ()
    faults: Sequence[StepFaultRow] = ()
