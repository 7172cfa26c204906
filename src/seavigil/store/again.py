"""Stored rows as they were decoded: what was watched once can be watched again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seavigil.records import REPORTS, SECOND_US, VESSELS, Decoded
from seavigil.store.days import DayFiles
from seavigil.store.sightings import Fresh, Unwritten

_SCHEMAS = {"reports": REPORTS, "vessels": VESSELS}

#: Rows handed out at once (own choice: some 60 MB of reports).
_ROWS = 250_000
#: What ships said of themselves so many days before the reports still tells who they are (own choice: static
#: data come every six minutes; a week holds every ship that was there).
STATICS_DAYS = 7


def decoded(days: DayFiles, from_us: int, to_us: int, fresh: Fresh | None = None) -> Iterator[Decoded]:
    """Give the reports between two times, both included, and what ships said of themselves by then.

    Each message once: what was heard twice was stored once. ``fresh``: the watch, for rows that are in no
    file yet. Raises ``FileNotFoundError`` where files were put together meanwhile: read again then;
    ``OSError``.
    """
    newest = Unwritten() if fresh is None else fresh.unwritten()  # before the files: none is missed
    statics_us = from_us - STATICS_DAYS * 86_400 * SECOND_US
    for rows in _rows(days, "vessels", newest, statics_us, to_us):
        yield Decoded(vessels=rows)
    for rows in _rows(days, "reports", newest, from_us, to_us):
        yield Decoded(reports=rows)


def _rows(days: DayFiles, name: str, newest: Unwritten, from_us: int, to_us: int) -> Iterator[pa.Table]:
    schema = _SCHEMAS[name]
    for rows in chain(_written(days, name, newest, from_us, to_us), newest.tables.get(name, ())):
        plain = rows.select(schema.names).cast(schema)
        yield plain.filter(_between(plain["time_us"], from_us, to_us))


def _written(days: DayFiles, name: str, newest: Unwritten, from_us: int, to_us: int) -> Iterator[pa.Table]:
    first, last = _day(from_us), _day(to_us)
    for part in days.parts(name):
        here = first <= part.day <= last and (not newest.tables or part.first_seq < newest.from_seq)
        if here:
            with pq.ParquetFile(part.path) as file:
                for batch in file.iter_batches(_ROWS, columns=_SCHEMAS[name].names):
                    yield pa.Table.from_batches([batch])


def _between(time_us: pa.ChunkedArray, from_us: int, to_us: int) -> pa.ChunkedArray:
    times = time_us.cast(pa.int64())
    return pc.and_(pc.greater_equal(times, from_us), pc.less_equal(times, to_us))


def _day(time_us: int) -> date:
    return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=time_us)).date()
