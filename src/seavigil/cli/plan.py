"""The plan of a watch from what a user gives, for `watch` and `serve` alike."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seavigil.runners.plan import Plan


@dataclass(frozen=True)
class Wanted:
    """What a user gives, by the names of the options of `seavigil watch`."""

    assets: Sequence[Path] | None = None
    places: Sequence[Path] | None = None
    weather: Sequence[Path] | None = None
    depth: Sequence[Path] | None = None
    normal: Path | None = None
    watchlist: Sequence[Path] | None = None
    contacts: Sequence[Path] | None = None
    rules: Path | None = None
    alarm_budget: float | None = None
    call_needs: str | None = None
    as_of: str | None = None

    @property
    def paths(self) -> list[Path]:
        """Every file and folder that was given."""
        several = (self.assets, self.places, self.weather, self.depth, self.watchlist, self.contacts)
        given = [path for paths in several for path in paths or ()]
        return given + [path for path in (self.normal, self.rules) if path is not None]


def planned(wanted: Wanted, *, live: bool = True) -> tuple[Plan, int]:
    """Read all that was given; what was left out is told on stderr. Gives the plan and the exit code so far.

    ``live``: it is to go on where it was left, if it is the same; recordings are watched from end to end.

    Raises ``ValueError`` that names what cannot be used, ``OSError``.
    """
    from seavigil.assets.read import load
    from seavigil.cli import given
    from seavigil.cli.assets import said
    from seavigil.cli.forecast import call_params
    from seavigil.cli.rules import changed
    from seavigil.risk import Policy
    from seavigil.runners.plan import Plan, fingerprint
    from seavigil.runners.priors import prior_rates

    loaded = load(list(wanted.assets)) if wanted.assets else None
    told = given.read_given(
        places=wanted.places,
        weather=wanted.weather,
        depth=wanted.depth,
        normal=wanted.normal,
        watchlist=wanted.watchlist,
        contacts=wanted.contacts,
    )
    changes = {} if wanted.rules is None else changed(wanted.rules, wanted.as_of)
    policy = Policy(told.rates or prior_rates(), changes.pop("caps", {}), wanted.alarm_budget)
    plan = Plan(
        assets=loaded.assets if loaded else None,
        known=told.known,
        policy=policy,
        fingerprint=fingerprint(wanted.paths, wanted) if live else "",
        call=call_params(wanted.call_needs),
        **changes,
    )
    return plan, max(said(loaded) if loaded else 0, told.code)
