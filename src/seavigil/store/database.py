"""The store of a service: what its log led to, what was told to whom, what operators asked for.

One interface over SQLite and PostgreSQL with PostGIS. The log is the only truth: all but what operators
asked for and what became of letters could be made again from it. Methods may be called from any thread;
each is one transaction. They raise ``OSError`` (see `engine.said`) where the database cannot do it now, and
``ValueError`` for what cannot be asked.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select

from seavigil.events import Bounds
from seavigil.store import orders, outbox, owner, reading, saving, schema, upkeep
from seavigil.store.alert_pages import AlertPages
from seavigil.store.asset_edits import AssetEdits
from seavigil.store.engine import make_engine, shown, store_url, writing
from seavigil.store.engine import reading as read
from seavigil.store.features import Features
from seavigil.store.found import Found
from seavigil.store.inquiries import Inquiries
from seavigil.store.label_edits import LabelEdits
from seavigil.store.people import People
from seavigil.store.rows import Batch, OutboxItem
from seavigil.store.tables import (
    ALERTS,
    FEED_HOURS,
    FEEDS,
    LOG_POSITION,
    OUTBOX,
    STATEMENTS,
    STEP_FAULTS,
    TRANSITIONS,
)
from seavigil.store.trail import Trail


class Database:
    """An open store, its tables as this program knows them."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._let_go: Callable[[], None] | None = None

    @classmethod
    def open(cls, url: str | Path) -> Database:
        """Open the store at a URL (or folder, or file), made and brought up to date if need be.

        Raises ``ValueError`` for a wrong URL, tables of a newer Seavigil, a database without PostGIS;
        ``OSError`` where it cannot be opened or written.
        """
        engine = make_engine(store_url(url))
        try:
            _keep_a_log(engine)
            schema.migrate(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @classmethod
    def to_read(cls, url: str | Path) -> Database:
        """Open a store that is there to be read alone, as on a full or read-only disk.

        One of an older Seavigil is brought up to date first. Raises as `open`, and ``ValueError`` where there
        are no tables of ours.
        """
        if upkeep.status(url)["schema"] != schema.newest():
            return cls.open(url)
        return cls(make_engine(store_url(url), read_only=True))

    def __enter__(self) -> Database:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of all connections."""
        if self._let_go is not None:
            self._let_go()
            self._let_go = None
        self._engine.dispose()

    @property
    def shown(self) -> str:
        """The URL as it may be shown, without a password."""
        return shown(self._engine.url)

    @property
    def people(self) -> People:
        """Users, tokens and sessions."""
        return People(self._engine)

    @property
    def labels(self) -> LabelEdits:
        """What people changed of the labels of assets."""
        return LabelEdits(self._engine)

    @property
    def trail(self) -> Trail:
        """Who did what, and when."""
        return Trail(self._engine)

    @property
    def pages(self) -> AlertPages:
        """Alerts page by page, now or as they stood."""
        return AlertPages(self._engine)

    @property
    def features(self) -> Features:
        """Alerts and events as map layers."""
        return Features(self._engine)

    @property
    def inquiries(self) -> Inquiries:
        """Inquiries into faults."""
        return Inquiries(self._engine)

    @property
    def found(self) -> Found:
        """Alerts as they stood, and events by ship, asset and time."""
        return Found(self._engine)

    @property
    def asset_edits(self) -> AssetEdits:
        """What people changed of assets."""
        return AssetEdits(self._engine)

    def claim(self, log_id: str) -> None:
        """Take the store for the one service that writes this log, until it is closed.

        Raises ``ValueError`` where it is of another log, ``OSError`` while another service works on it.
        """
        if self._let_go is None:
            self._let_go = owner.alone(self._engine)
        owner.belong(self._engine, log_id)

    # --- what the log led to ------------------------------------------------------------------

    def save(self, batch: Batch) -> None:
        """Write a batch in one transaction; on return it survives a power cut.

        A batch that was saved changes nothing when it comes again, nor do its rows in other batches: the
        newest revision stays, the position never goes back. Sync the log up to ``batch.position``
        first, or a power cut may leave the store ahead of it.
        """
        with writing(self._engine) as connection:
            saving.save(connection, batch)

    def position(self) -> int:
        """Give the last position of the log that was saved, 0 for none.

        Judging must go on from a checkpoint that is not beyond it: after a restore the newest may be.
        """
        with read(self._engine) as connection:
            return connection.execute(select(LOG_POSITION.c.position)).scalar_one_or_none() or 0

    def position_us(self) -> int:
        """Give the wall time of the record at `position`, 0 for none."""
        with read(self._engine) as connection:
            return connection.execute(select(LOG_POSITION.c.wall_us)).scalar_one_or_none() or 0

    # --- alerts -------------------------------------------------------------------------------

    def alerts(
        self,
        *,
        states: Sequence[str] | None = None,
        priorities: Sequence[str] | None = None,
        behaviours: Sequence[str] | None = None,
        asset: str | None = None,
        mmsi: int | None = None,
        since_us: int | None = None,
        until_us: int | None = None,
        box: Bounds | None = None,
        limit: int = 100,
        after: str | None = None,
    ) -> list[dict[str, Any]]:
        """Give alerts as their newest revision's ndjson object, those first that stood last.

        Those that fit all that is given: one of the ``states``, ``priorities`` and ``behaviours``, with the
        asset's id, with the ship as hers or as another's, last revised at ``since_us`` or later, first
        stood before ``until_us``, placed in ``box`` (which may lie over the date line). ``after``: the
        ``alert_id`` that the last page ended with. Raises ``ValueError`` where that is gone.
        """
        wanted = reading.Wanted(states, priorities, behaviours, asset, mmsi, since_us, until_us, box)
        with read(self._engine) as connection:
            return reading.alerts(connection, wanted, limit, after)

    def alert_ids(self, begins: str, limit: int = 10) -> list[str]:
        """Give the ids of alerts that begin so, in order."""
        begin = ALERTS.c.alert_id.startswith(begins, autoescape=True)
        with read(self._engine) as connection:
            asked = select(ALERTS.c.alert_id).where(begin).order_by(ALERTS.c.alert_id).limit(limit)
            return list(connection.execute(asked).scalars())

    def alert(self, alert_id: str) -> dict[str, Any] | None:
        """Give an alert's newest revision, None where there is no such alert."""
        with read(self._engine) as connection:
            return reading.alert(connection, alert_id)

    def revisions(self, alert_id: str) -> list[dict[str, Any]]:
        """Give all revisions of an alert, in order; none where there is no such alert."""
        with read(self._engine) as connection:
            return reading.revisions(connection, alert_id)

    def transitions(self, alert_id: str | None = None, limit: int = 1000) -> list[dict[str, Any]]:
        """Give the last ``limit`` transitions of one alert, or of all, in the order in which they came."""
        with read(self._engine) as connection:
            return reading.transitions(connection, alert_id, limit)

    def alert_counts(self) -> dict[str, dict[str, int]]:
        """Give how many alerts there are, by priority and then by status."""
        asked = select(ALERTS.c.priority, ALERTS.c.status, func.count())
        found: dict[str, dict[str, int]] = {}
        with read(self._engine) as connection:
            for priority, status, count in connection.execute(asked.group_by(*asked.selected_columns[:2])):
                found.setdefault(priority, {})[status] = int(count)
        return found

    def newest_revisions(self) -> dict[str, tuple[int, str, str]]:
        """Give number, status and priority of the newest revision of every alert, by its id."""
        row = ALERTS.c
        with read(self._engine) as connection:
            found = connection.execute(select(row.alert_id, row.revision, row.status, row.priority))
            return {
                alert_id: (int(revision), status, priority) for alert_id, revision, status, priority in found
            }

    def events(self, alert_id: str) -> list[dict[str, Any]]:
        """Give the events that an alert's newest revision names, in order of beginning."""
        with read(self._engine) as connection:
            return reading.events(connection, alert_id)

    # --- operators' commands ------------------------------------------------------------------

    def submit(self, command: Mapping[str, Any]) -> str:
        """Queue an operator's command, and give its id; on return it survives a power cut.

        It has a kind (see `orders`), ``who``, and where it applies ``alert_id``, ``why``, ``arguments``. With
        a ``command_id`` of its own it may be submitted again without being done twice. Raises
        ``ValueError`` that says what is wrong with it.
        """
        checked = orders.checked(command)
        with writing(self._engine) as connection:
            return orders.submit(connection, checked, time.time_ns() // 1000)

    def waiting_commands(self) -> list[Mapping[str, Any]]:
        """Give the commands of which nothing became yet, the oldest first.

        One that is in the log but not yet judged is among them.
        """
        with read(self._engine) as connection:
            return [*reading.commands(connection, waiting=True)]

    def command(self, command_id: str) -> dict[str, Any] | None:
        """Give a command; its ``state`` is ``waiting``, ``done`` or ``refused``, ``says`` tells why."""
        with read(self._engine) as connection:
            return next(iter(reading.commands(connection, command_id=command_id)), None)

    def commands(self, kinds: Sequence[str]) -> list[dict[str, Any]]:
        """Give the commands of these kinds with what became of them, the oldest first."""
        with read(self._engine) as connection:
            return [found for found in reading.commands(connection) if found["kind"] in kinds]

    def silence_steps(self) -> list[dict[str, Any]]:
        """Give the transitions of silences, which concern no single alert, as they came."""
        asked = select(TRANSITIONS).where(TRANSITIONS.c.alert_id.is_(None)).order_by(TRANSITIONS.c.number)
        with read(self._engine) as connection:
            return [dict(row._mapping) for row in connection.execute(asked)]

    # --- outbox -------------------------------------------------------------------------------

    def due(self, now_us: int, limit: int = 100, channel: str | None = None) -> list[OutboxItem]:
        """Give waiting letters that are due by now, the oldest first; of one channel the urgent first."""
        with read(self._engine) as connection:
            return reading.letters(connection, outbox.WAITING, now_us, limit, channel)

    def letters_of(self, alert_ids: Collection[str]) -> list[tuple[str, int, str]]:
        """Give alert, revision and channel of every letter about these alerts, whatever became of it."""
        row, ids = OUTBOX.c, sorted(alert_ids)
        asked = select(row.alert_id, row.revision, row.channel)
        with read(self._engine) as connection:
            some = [ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE)]
            found = [r for part in some for r in connection.execute(asked.where(row.alert_id.in_(part)))]
        return [(alert_id, int(revision), channel) for alert_id, revision, channel in found]

    def together(self, keys: Sequence[str], at_us: int) -> None:
        """Take note that waiting letters are about to be sent as one: all are due at ``at_us``."""
        with writing(self._engine) as connection:
            outbox.together(connection, keys, at_us)

    def sent(self, key: str | Sequence[str], now_us: int, says: str = "") -> None:
        """Mark letters as sent, for good, all or none. Raises ``ValueError`` where there is none."""
        with writing(self._engine) as connection:
            outbox.sent(connection, _keys(key), now_us, says)

    def put_off(self, key: str | Sequence[str], now_us: int, until_us: int, why: str) -> None:
        """Count a try that failed at ``now_us``; the letters are due again at ``until_us``."""
        with writing(self._engine) as connection:
            outbox.put_off(connection, _keys(key), max(now_us, until_us), why)

    def dead(self, key: str | Sequence[str], now_us: int, why: str) -> None:
        """Give letters up: they will not be due again unless they are retried."""
        with writing(self._engine) as connection:
            outbox.dead(connection, _keys(key), now_us, why)

    def sent_us(self, channel: str, since_us: int, until_us: int) -> list[int]:
        """Give when a channel was sent its messages, after ``since_us`` and up to ``until_us``."""
        row = OUTBOX.c
        lately = (row.done_us > since_us, row.done_us <= until_us)
        # what went as one message was noted at one moment (`together`)
        asked = select(row.done_us, row.next_us).where(
            row.channel == channel, row.state == outbox.SENT, *lately
        )
        with read(self._engine) as connection:
            return [int(at) for at, _ in connection.execute(asked.distinct().order_by(row.done_us))]

    def abandon(self, channel: str, now_us: int, why: str) -> int:
        """Give up all that waits for a channel, as `dead` does but for the try; gives how many letters."""
        with writing(self._engine) as connection:
            return outbox.abandon(connection, channel, now_us, why)

    def dead_letters(self) -> list[OutboxItem]:
        """Give the letters that were given up, the oldest first."""
        with read(self._engine) as connection:
            return reading.letters(connection, outbox.DEAD, None, None)

    def retry(self, key: str) -> None:
        """Let a letter that was given up be due at once. Raises ``ValueError`` for any other."""
        with writing(self._engine) as connection:
            outbox.retry(connection, key)

    def outbox_counts(self) -> dict[str, int]:
        """Give how many letters are in each state."""
        asked = select(OUTBOX.c.state, func.count()).group_by(OUTBOX.c.state)
        with read(self._engine) as connection:
            found = {state: int(count) for state, count in connection.execute(asked)}
        return dict.fromkeys((outbox.WAITING, outbox.SENT, outbox.DEAD), 0) | found

    def outbox_channels(self) -> dict[str, dict[str, int]]:
        """Give how many letters of each channel are in each state; ``oldest_us``: of those that wait."""
        row = OUTBOX.c
        asked = select(row.channel, row.state, func.count(), func.min(row.created_us))
        found: dict[str, dict[str, int]] = {}
        with read(self._engine) as connection:
            for name, state, count, oldest in connection.execute(asked.group_by(row.channel, row.state)):
                of_channel = found.setdefault(name, dict.fromkeys((*_STATES, "oldest_us"), 0))
                of_channel[state] = int(count)
                of_channel["oldest_us"] = int(oldest) if state == outbox.WAITING else of_channel["oldest_us"]
        return found

    # --- health -------------------------------------------------------------------------------

    def feeds(self) -> list[dict[str, Any]]:
        """Give how each feed stood at the last batch, by number."""
        with read(self._engine) as connection:
            return reading.health(connection, FEEDS)

    def feed_hours(self, since_us: int) -> list[dict[str, Any]]:
        """Give how feeds stood at the end of each hour (``hour_us`` is its beginning) from then on."""
        with read(self._engine) as connection:
            return reading.health(connection, FEED_HOURS, FEED_HOURS.c.hour_us >= since_us)

    def statements(self, since_us: int) -> list[dict[str, Any]]:
        """Give the coverage statements made from then on, by the clock."""
        with read(self._engine) as connection:
            return reading.since(connection, STATEMENTS, since_us)

    def step_faults(self, since_us: int) -> list[dict[str, Any]]:
        """Give the steps that failed on a ship from then on, by the clock."""
        with read(self._engine) as connection:
            return reading.since(connection, STEP_FAULTS, since_us)

    # --- upkeep -------------------------------------------------------------------------------

    def prune(self, before_us: int) -> dict[str, int]:
        """Take away what was over before then; gives how many rows of what. See `upkeep.prune`."""
        return upkeep.prune(self._engine, before_us)

    def backup(self, path: Path) -> dict[str, Any]:
        """Copy the store into a new folder while it is in use; gives its manifest. See `upkeep.backup`."""
        return upkeep.backup(self._engine, path)


def _keep_a_log(engine: Engine) -> None:
    """Let readers of a SQLite file go on while somebody writes; the file remembers it (WAL)."""
    if engine.dialect.name != "sqlite":
        return
    from seavigil.store.engine import said

    with said(engine.url):
        connection = engine.raw_connection()
        try:
            connection.cursor().execute("PRAGMA journal_mode = WAL")
        finally:
            connection.close()


#: So many ids are asked for in one query: no database's limit of parameters is near.
_AT_ONCE = 500
_STATES = (outbox.WAITING, outbox.SENT, outbox.DEAD)


def _keys(key: str | Sequence[str]) -> Sequence[str]:
    return (key,) if isinstance(key, str) else key
