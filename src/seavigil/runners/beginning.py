"""Where a service begins to judge: at a checkpoint, at the log's beginning, or some hours before its end."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Protocol

from seavigil.runners.judge import Judge
from seavigil.store.checkpoints import Checkpoints
from seavigil.store.database import Database
from seavigil.store.days import DayFiles
from seavigil.store.rawlog import Kind, Record

#: Behind the end of the data there are at most the ticks and states of one writing.
LAST_RECORDS = 1_000


class Log(Protocol):
    """The raw log, as far as it is needed to begin."""

    @property
    def log_id(self) -> str:
        """What tells it from every other log."""

    @property
    def next_seq(self) -> int:
        """The number that the next record will have."""

    def read(self, from_seq: int = 1) -> Iterator[Record]:
        """Give what was written from a number on."""

    def skip_to(self, seq: int) -> None:
        """Give no number below one any more."""

    def keep_from(self, seq: int) -> None:
        """Note that what was written from a number on is needed."""


@dataclass(frozen=True)
class Beginning:
    """A judge as it begins.

    ``again_to``: up to this record everything was kept and told before, by a judge that is gone: some hours
    before it are judged again only to know what was going on. ``rows_to``: up to this one rows lie in files.
    """

    judge: Judge
    again_to: int = 0
    rows_to: int = 0


def beginning(
    log: Log,
    database: Database,
    days: DayFiles,
    checkpoints: Checkpoints,
    fingerprint: str,
    fresh: Callable[[], Judge],
) -> Beginning:
    """Give the judge that goes on: of the newest checkpoint that is whole and of these settings.

    Without one the whole log is judged again, if it is all there and was judged by these settings: that gives
    what was kept already, and the rest. Otherwise, and where a power cut took records that led to alerts,
    what was kept stays. Files of rows that will be written again are taken away. Raises ``OSError``;
    ``ValueError`` where the data in the log have ended for good, or the store is of another log.
    """
    database.claim(log.log_id)
    kept_to = database.position()
    _check_not_ended(log)
    behind = _is_behind(log, database, kept_to)
    found = checkpoints.newest(fingerprint, upto=kept_to)
    if behind and found is not None and found.position < kept_to:
        found = None
    if found is not None:
        start = Beginning(found.state, rows_to=found.position)
    elif checkpoints.same_settings(fingerprint) and _is_whole(log) and not behind:
        start = Beginning(fresh())
    else:
        start = Beginning(fresh(), again_to=kept_to, rows_to=checkpoints.newest_position())
    if found is None:  # nothing is pruned before it was judged; otherwise the last checkpoint has noted it
        log.keep_from(min(start.again_to, checkpoints.oldest_position()) + 1)
    log.skip_to(max(kept_to, start.judge.position) + 1)
    days.cut_back(start.rows_to)
    return start


def _check_not_ended(log: Log) -> None:
    for record in log.read(max(log.next_seq - LAST_RECORDS, 1)):
        if record.kind == Kind.END:
            raise ValueError(
                "the data of this folder have ended (a recording, or a feed watched until it closed):"
                " nothing can follow them; take another folder"
            )


def _is_behind(log: Log, database: Database, kept_to: int) -> bool:
    """Whether records are gone that led to what is stored: no judge can be brought to where it came from.

    What led to nothing may be gone: a log is synced before alerts are stored, not at every step.
    """
    if not kept_to:
        return False
    near = takewhile(lambda record: record.seq <= kept_to, log.read(max(kept_to - LAST_RECORDS, 1)))
    last = next(iter(deque(near, maxlen=1)), None)
    if last is not None and last.seq == kept_to:
        return False
    told = database.transitions(limit=1)
    return bool(told) and (last is None or told[-1]["wall_us"] >= last.wall_us)


def _is_whole(log: Log) -> bool:
    """Whether nothing of a log was pruned."""
    first = next(log.read(), None)
    return first is None or first.seq == 1
