"""What the watch learns as it goes, joined to what it was told beforehand: the surroundings."""

from __future__ import annotations

import pyarrow as pa

from seavigil.assets.index import AssetIndex
from seavigil.behaviours import Surroundings
from seavigil.normal.coverage import CoverageLearner
from seavigil.normal.gnss import GnssLearner
from seavigil.normal.log import LogLearner
from seavigil.runners.known import Known
from seavigil.vessel import Statics


class Learners:
    """Learns coverage, every ship's log and the state of satellite navigation from released reports."""

    def __init__(self, index: AssetIndex | None, known: Known, statics: Statics) -> None:
        self._index, self._known, self._statics = index, known, statics
        self._coverage, self._log, self._gnss = CoverageLearner(), LogLearner(), GnssLearner()

    def learn(self, reports: pa.Table) -> Surroundings:
        """Take reports (TRACKED, each call later than the last) and give what is known after them."""
        self._coverage.add(reports)
        coverage, clock = self._coverage.learned()
        self._log.add(reports, coverage)
        self._gnss.add(reports, coverage)
        return Surroundings(
            assets=self._index,
            coverage=coverage,
            clock=clock,
            log=self._log.learned(),
            statics=self._statics,
            gnss=self._gnss.learned(),
            **vars(self._known),
        )
