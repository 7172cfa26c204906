"""Every ship's log: what she did in each closed time bin, one row a ship and bin.

The rows of a bin are put together once it has closed and the reordering delay has passed, and become
visible with the bin's coverage (`normal.coverage`): the same in batch, live and replay. What needs
a memory of hours or the ships around (own normal, peers, GNSS state, meetings) reads the log
instead of keeping every report. What is usual for her, for her peers and for the place is looked up
once, when a bin closes, from rows up to that bin.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

import numpy as np
import pyarrow as pa

from seavigil.normal.bins import I64, NOTHING_LOGGED, TAKEN, Log, put_together, ship_key
from seavigil.normal.coverage import Coverage
from seavigil.normal.own import unsteady, usual
from seavigil.normal.peers import PlaceBook, peers
from seavigil.records import SECOND_US, UNUSABLE_POSITION

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
    _open: pa.Table | None = None
    _log: Log = field(default_factory=lambda: NOTHING_LOGGED)
    _places: PlaceBook = field(default_factory=PlaceBook)

    def add(self, tracked: pa.Table, coverage: Coverage) -> None:
        """Take released reports (TRACKED); ``coverage`` as it is after them says which bins closed."""
        sound = (tracked["flags"].to_numpy() & _UNUSABLE) == 0
        fresh = tracked.select(TAKEN).filter(pa.array(sound))
        rows = fresh if self._open is None else pa.concat_tables([self._open, fresh])
        if not len(coverage.starts_us) or not rows.num_rows:
            self._open = rows
            return
        time_us = rows["time_us"].cast(pa.int64()).to_numpy()
        closed = time_us < coverage.starts_us[-1] + coverage.bin_us
        self._open = rows.filter(pa.array(~closed)).combine_chunks()
        kept = closed & (time_us >= coverage.starts_us[0])
        if kept.any():
            self._join(put_together(rows.filter(pa.array(kept)), coverage))

    def _join(self, new: Log) -> None:
        """Let go of what had been kept long enough, put new rows to it, and say what is usual for each."""
        old = self._kept()
        both = ((getattr(old, f.name), getattr(new, f.name)) for f in fields(Log))
        joined = Log(*(np.concatenate(pair) for pair in both))
        order = np.lexsort((joined.start_us, joined.ship))
        self._log = self._judged(joined.rows(order), np.flatnonzero(order >= len(old)))

    def _kept(self) -> Log:
        log = self._log
        if not len(log):
            return log
        lately = log.visible_us >= int(log.visible_us.max()) - self.piece_s * SECOND_US
        return log.rows(log.start_us >= int(log.start_us[lately].min()) - self.keep_s * SECOND_US)

    def _judged(self, whole: Log, fresh: I64) -> Log:
        """Fill in what is usual for the rows ``fresh``; each looks at no later bin than its own."""
        for learn in (unsteady, usual, peers, self._places.visited):
            filled = {}
            for name, learned in learn(whole, fresh).items():
                filled[name] = getattr(whole, name).copy()
                filled[name][fresh] = learned
            whole = replace(whole, **filled)
        return whole

    def learned(self) -> Log:
        """Give what has become visible so far."""
        return self._log
