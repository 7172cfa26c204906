"""What is known of each ship and of each behaviour on her, in columns, so that all are looked at at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil.records import END_OF_DATA_US, NEVER_US
from seavigil.track import FIELD

I64 = NDArray[np.int64]


class ShipTable:
    """Columns about ships, one row a place; of what stands by behaviour, one column each."""

    def __init__(self, behaviours: int) -> None:
        self._behaviours = behaviours
        self.key = np.zeros(0, dtype=np.int64)
        #: In which order ships came: events of a call are given in it.
        self.serial = np.zeros(0, dtype=np.int64)
        self.last_us = np.zeros(0, dtype=np.int64)
        self.near_us = np.zeros(0, dtype=np.int64)
        #: When all that her last report tells was known; ``END_OF_DATA_US``: not yet.
        self.told_us = np.zeros(0, dtype=np.int64)
        self.last = np.zeros((0, len(FIELD)))
        wide = (0, behaviours)
        #: How far each behaviour has come: settled, told, left alone until.
        self.settled_us, self.asked_us, self.resumes_us = (np.zeros(wide, dtype=np.int64) for _ in range(3))
        #: Something goes on; when it is due without a row; from when on rows count, and what they weigh.
        self.open = np.zeros(wide, dtype=np.bool_)
        self.due_us, self.rows_from_us, self.again_us = (np.zeros(wide, dtype=np.int64) for _ in range(3))
        self.room, self.weight = np.zeros(wide), np.zeros(wide)

    def __len__(self) -> int:
        return len(self.key)

    def make_room(self, places: int) -> None:
        """Let there be as many places."""
        before = len(self)
        for name, column in vars(self).items():
            if isinstance(column, np.ndarray):
                more = np.zeros((places - len(column), *column.shape[1:]), dtype=column.dtype)
                setattr(self, name, np.concatenate([column, more]))
        self.begin(slice(before, None), 0, 0)

    def begin(self, place: int | slice | I64, key: int | I64, serial: int | I64) -> None:
        """Take in a ship of whom nothing is known yet, or nobody."""
        self.key[place], self.serial[place] = key, serial
        self.last_us[place] = self.near_us[place] = NEVER_US
        self.told_us[place], self.last[place] = END_OF_DATA_US, np.nan
        for column in (self.settled_us, self.asked_us, self.resumes_us):
            column[place] = NEVER_US
        self.open[place], self.weight[place], self.room[place] = False, 0.0, 0.0
        for column in (self.due_us, self.rows_from_us, self.again_us):
            column[place] = END_OF_DATA_US
