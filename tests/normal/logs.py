"""Drawn ships in the log, as the watch keeps it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import pyarrow as pa

from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.log import Log, LogLearner
from tests.cases.judge import tracked
from tests.cases.sail import Sail

FIRST = 299_100_001


def log_of(*ships: Sail, pieces: Sequence[float] = ()) -> Log:
    """Give the log of ships (MMSIs from FIRST on), their reports heard in pieces cut at these shares."""
    rows = tracked(*(ship.reports(mmsi=FIRST + i) for i, ship in enumerate(ships)))
    edges = sorted({0, rows.num_rows, *(int(share * rows.num_rows) for share in pieces)})
    return learn([rows.slice(a, b - a) for a, b in pairwise(edges)])


def learn(pieces: Sequence[pa.Table]) -> Log:
    """Give the log after tracked rows in pieces."""
    coverage, log = CoverageLearner(), LogLearner()
    for piece in pieces:
        coverage.add(piece)
        log.add(piece, coverage.learned()[0])
    return log.learned()
