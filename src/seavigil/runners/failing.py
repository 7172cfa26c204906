"""Whether judging fails for all ships just now: then the watch is up, and watches nothing."""

from __future__ import annotations

from dataclasses import dataclass

from seavigil.records import SECOND_US
from seavigil.runners.faults import of_all
from seavigil.runners.judge import Step


@dataclass
class Failing:
    """Follows the steps. ``steps``: so many in a row had a fault for all ships, and of the last ``unjudged``,
    for ``unjudged_s`` by the clock of the log, nothing was judged; ``why``: the last fault. A step in which
    nothing was to be judged says nothing.
    """

    steps: int = 0
    unjudged: int = 0
    unjudged_s: float = 0.0
    why: str = ""
    _from_us: int = 0

    def take(self, step: Step) -> None:
        """Take a step that was judged, or should have been."""
        found = of_all(fault for outcome in step.outcomes for fault in outcome.faults)
        judged = any(outcome.decoded.reports.num_rows for outcome in step.outcomes)
        if found:
            self.steps += 1
            self.unjudged = 0 if judged else self.unjudged + 1
            self._from_us = step.first_wall_us if self.unjudged <= 1 else self._from_us
            self.unjudged_s = (step.wall_us - self._from_us) / SECOND_US if self.unjudged else 0.0
            self.why = f"{found[-1].step}: {found[-1].error}"
        elif judged:
            self.steps, self.unjudged, self.unjudged_s, self.why = 0, 0, 0.0, ""
