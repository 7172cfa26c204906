"""Every ship's log: what she did in each closed time bin, one row a ship and bin.

The rows of a bin are put together once it has closed and the reordering delay has passed, and become
visible with the bin's coverage (`normal.coverage`): the same in batch, live and replay. What needs
a memory of hours or the ships around (own normal, peers, GNSS state, meetings) reads the log
instead of keeping every report. What is usual for her, for her peers and for the place is looked up
once, when a bin closes, from rows up to that bin.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from seavigil.normal.bins import I64, NOTHING_LOGGED, TAKEN, Log, put_together, ship_key
from seavigil.normal.coverage import Coverage
from seavigil.normal.own import unsteady, usual
from seavigil.normal.peers import PlaceBook, peers
from seavigil.records import NEVER_US, SECOND_US, UNUSABLE_POSITION

__all__ = ["NOTHING_LOGGED", "Log", "LogLearner", "ship_key"]

_UNUSABLE = np.uint32(UNUSABLE_POSITION)


@dataclass
class LogLearner:
    """Puts the log together from reports in time order.

    Rows are kept for ``keep_s``, a day and two hours, before all that became visible within ``piece_s``, the
    half day that a recording is watched at a time. What was kept before a silence of the whole feed is
    still there for the first that is heard after it.
    """

    keep_s: int = 26 * 3600
    piece_s: int = 12 * 3600
    _open: list[pa.Table] = field(default_factory=list)
    _until_us: int = NEVER_US
    _log: Log = field(default_factory=lambda: NOTHING_LOGGED)
    _places: PlaceBook = field(default_factory=PlaceBook)

    def add(self, tracked: pa.Table, coverage: Coverage) -> None:
        """Take released reports (TRACKED); ``coverage`` as it is after them says which bins closed."""
        sound = (tracked["flags"].to_numpy() & _UNUSABLE) == 0
        if sound.any():
            self._open.append(tracked.select(TAKEN).filter(pa.array(sound)))
        until_us = int(coverage.starts_us[-1] + coverage.bin_us) if len(coverage.starts_us) else NEVER_US
        if until_us == self._until_us or not self._open:
            return  # nothing has closed since
        self._until_us = until_us
        rows = pa.concat_tables(self._open)
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        closed = time_us < until_us
        self._open = [rows.filter(pa.array(~closed)).combine_chunks()]
        kept = closed & (time_us >= coverage.starts_us[0])
        if kept.any():
            self._join(put_together(rows.filter(pa.array(kept)), coverage))

    def _join(self, new: Log) -> None:
        """Let go of what had been kept long enough, put new rows to it, and say what is usual for each."""
        old, kept = self._log, self._kept()
        ship = np.concatenate([old.ship[kept], new.ship])
        start_us = np.concatenate([old.start_us[kept], new.start_us])
        order = np.lexsort((start_us, ship))
        # column by column: the log of a day and a half is the most that a watch holds
        both = ((getattr(old, f.name)[kept], getattr(new, f.name)) for f in fields(Log))
        joined = Log(*(np.concatenate(pair)[order] for pair in both))
        self._judge(joined, np.flatnonzero(order >= len(ship) - len(new)))
        self._log = joined

    def _kept(self) -> NDArray[np.bool_]:
        log = self._log
        if not len(log):
            return np.zeros(0, dtype=np.bool_)
        lately = log.visible_us >= int(log.visible_us.max()) - self.piece_s * SECOND_US
        return np.asarray(log.start_us >= int(log.start_us[lately].min()) - self.keep_s * SECOND_US)

    def _judge(self, whole: Log, fresh: I64) -> None:
        """Fill in what is usual for the rows ``fresh``; each looks at no later bin than its own."""
        for learn in (unsteady, usual, peers, self._places.visited):
            for name, learned in learn(whole, fresh).items():
                getattr(whole, name)[fresh] = learned

    def learned(self) -> Log:
        """Give what has become visible so far."""
        return self._log
