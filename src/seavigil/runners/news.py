"""What is told to whoever has the console open: alerts as they change, how far the watch is, how it does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from seavigil.alerts import Alert
from seavigil.alerts.channels import words
from seavigil.records import NEVER_US, SECOND_US, rfc3339
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.status import StatusSnapshot, problems
from seavigil.runners.told import told_problems

#: That the picture is newer is told no more often (own choice: nobody sees ships move faster).
PICTURE_EVERY_US = 2 * SECOND_US
_SHORT = ("alert_id", "revision", "status", "priority", "behaviours", "revised_at")


def alert_news(alert: Alert) -> dict[str, Any]:
    """Give what is told of one revision; ``assets`` are all it is about, by which it is kept from some.

    It is kept for who comes back, thousands of them: the line itself would be some 20 kB each.
    """
    line = alert.as_json()
    exercise = bool(line.get("exercise"))
    return {
        **{key: line[key] for key in _SHORT},
        "headline": words.headline(line),
        "exercise": exercise,
        "assets": [{"asset_id": about["asset_id"]} for about in line["assets"]],
    }


@dataclass
class News:
    """Says on a bulletin what is new, and nothing twice."""

    bulletin: Bulletin
    _as_of_us: int = NEVER_US
    _told_us: int = NEVER_US
    _problems: list[dict[str, str]] = field(default_factory=list)

    def alerts(self, alerts: Iterable[Alert]) -> None:
        """Tell of each revision."""
        for alert in alerts:
            self.bulletin.publish("alert", alert_news(alert))

    def picture(self, as_of_us: int, now_us: int) -> None:
        """Tell how far the data have come, where that is news and the last time is a while ago."""
        if as_of_us > self._as_of_us and now_us - self._told_us >= PICTURE_EVERY_US:
            self._as_of_us, self._told_us = as_of_us, now_us
            self.bulletin.publish("picture", {"as_of": rfc3339(as_of_us)})

    def status(self, status: StatusSnapshot) -> None:
        """Tell what is wrong, where that has changed."""
        found = told_problems(problems(status))
        if found != self._problems:
            self._problems = found
            self.bulletin.publish("status", {"problems": found})
