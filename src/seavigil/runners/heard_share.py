"""How much of what is usual is heard: the sentence beside every alert and in every statement."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from seavigil.reasons import many
from seavigil.runners.feed_counts import LATELY_S
from seavigil.runners.feed_state import OneFeed


@dataclass(frozen=True)
class HeardShare:
    """Reports of the last ``seconds`` from ``alive`` of ``feeds`` feeds.

    ``expected``: what is usual at this hour of the week, None where that is known of no feed; ``share``: of
    it what was heard, by the ``known`` feeds of which it is known.
    """

    seconds: float
    reports: int
    expected: float | None
    share: float | None
    known: int
    alive: int
    feeds: int

    def words(self) -> str:
        """Say it, with the share where there is one."""
        of = f"from {self.alive} of {many(self.feeds, 'feed')} in the last {round(self.seconds / 60)} min"
        if self.share is None:
            return f"{many(self.reports, 'report')} heard {of}; what is usual at this hour is not known yet"
        some = "" if self.known == self.feeds else f" (known of {self.known} of them)"
        return f"{self.share:.0%} of the reports usual for this hour heard {of}{some}"

    def as_json(self) -> dict[str, Any]:
        """Give the figures, rounded."""
        told = asdict(self)
        told["expected"] = None if self.expected is None else round(self.expected)
        told["share"] = None if self.share is None else round(self.share, 3)
        return told | {"seconds": round(self.seconds)}


def share_of(feeds: Iterable[OneFeed], wall_us: int) -> HeardShare:
    """Give how much all feeds together heard in the last ten minutes, as far as the watch has run."""
    every = [(f, *f.counts.lately(), f.counts.usual(wall_us)) for f in feeds]
    known = [(reports, usual.reports_per_s * s) for _, s, reports, usual in every if usual is not None]
    expected = sum(e for _, e in known) if known else None
    return HeardShare(
        seconds=max((s for _, s, _, _ in every), default=LATELY_S),
        reports=sum(reports for _, _, reports, _ in every),
        expected=expected,
        share=sum(r for r, _ in known) / expected if expected else None,
        known=len(known),
        alive=sum(f.brings for f, *_ in every),
        feeds=len(every),
    )
