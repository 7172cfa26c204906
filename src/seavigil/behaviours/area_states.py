"""Behaviours of no ship have one signature; states of areas become events, neighbouring areas one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.detect import Detected, params_hash
from seavigil.behaviours.episodes import Episode, Rule, Scores, episodes
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Bounds, Event, Reason
from seavigil.hashing import short_id
from seavigil.normal.gnss import areas_around, bounds_of

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]


@dataclass(frozen=True)
class AreaDetail:
    """What one revision says: reasons, and how many ship reports or ships took part."""

    reasons: tuple[Reason, ...]
    took_part: int


@dataclass(frozen=True)
class AreaBehaviour:
    """One behaviour judged on the surroundings alone; its events have no ``mmsi``.

    ``detect(surroundings, params, settled_until_us=, as_of_us=)`` gives every revision, known by
    ``as_of_us``, of events that begin at or after ``settled_until_us``, and the time to pass on: the same
    contract as for ships.
    """

    name: str
    params: Any
    detect: Callable[..., Detected]


@dataclass(frozen=True)
class AreaState:
    """One state of the areas of ``normal.gnss`` (half a degree by one), as scores and words.

    ``score(surroundings, params)`` gives (area, one value for each closed bin) for every area that
    can score at all. ``detail(surroundings, params, areas, bins)`` looks at those bins (positions) alone.
    The rule has no least duration: what must last, lasts in the score.
    """

    name: str
    rule: Callable[[Any], Rule]
    score: Callable[[Surroundings, Any], Iterable[tuple[int, F64]]]
    detail: Callable[[Surroundings, Any, tuple[int, ...], slice], AreaDetail]


@dataclass(frozen=True)
class _Spell:
    """One episode of one area; times are those at which its bins became visible."""

    area: int
    episode: Episode
    began_us: int
    value: F64

    @property
    def ended_us(self) -> int | None:
        return self.episode.ended_known_us


def detect_areas(
    state: AreaState,
    surroundings: Surroundings,
    params: Any,
    *,
    settled_until_us: int,
    as_of_us: int,
) -> Detected:
    """Give every revision, known by ``as_of_us``, of events that begin at or after ``settled_until_us``.

    The contract is that of ``detect``. Areas that touch and whose states overlap in time are one
    event: it is named after the first, stands when that one does, and ends when all have ended.
    """
    gnss = surroundings.gnss
    spells: list[_Spell] = []
    settled_us = [int(gnss.bin_visible_us[-1]) + 1 if len(gnss.bin_visible_us) else settled_until_us]
    rule = state.rule(params)
    for area, value in state.score(surroundings, params):
        scores = Scores(gnss.bin_visible_us, value)
        found, _ = episodes(
            scores,
            rule,
            settled_until_us=settled_until_us,
            as_of_us=as_of_us,
            clock=surroundings.clock,
        )
        spells += [_Spell(area, one, int(scores.time_us[one.first]), value) for one in found]
    events: list[Event] = []
    for group in _together(spells):
        events += _revisions(state, surroundings, params, group)
        if any(spell.ended_us is None for spell in group):
            settled_us.append(group[0].began_us)
    return Detected(events, max(min(settled_us), settled_until_us))


def _together(spells: Iterable[_Spell]) -> list[list[_Spell]]:
    """Put spells of touching areas that overlap in time together, the earliest first in each group.

    Groups that began at different times stay two when a later area touches both: the older takes it.
    """
    groups: list[list[_Spell]] = []
    for spell in sorted(spells, key=lambda s: (s.began_us, s.area)):
        around = set(areas_around(np.array([spell.area])).ravel().tolist())
        touched = [g for g in groups if any(s.area in around and _alive(s, spell.began_us) for s in g)]
        together = touched[:1] + [g for g in touched[1:] if g[0].began_us == spell.began_us]
        joined = sorted([*(s for g in together for s in g), spell], key=lambda s: (s.began_us, s.area))
        groups = [g for g in groups if not any(g is t for t in together)]
        groups.append(joined)
        groups.sort(key=lambda g: (g[0].began_us, g[0].area))
    return groups


def _alive(spell: _Spell, at_us: int) -> bool:
    return spell.ended_us is None or spell.ended_us > at_us


def _revisions(
    state: AreaState, surroundings: Surroundings, params: Any, group: list[_Spell]
) -> Iterable[Event]:
    first = group[0]
    at_first = [s for s in group if s.began_us == first.began_us]
    until = slice(first.episode.first, first.episode.first + 1)
    yield _event(state, surroundings, params, at_first, until, first.began_us, None)
    ends_us = [s.ended_us for s in group if s.ended_us is not None]
    if len(ends_us) == len(group):
        until = slice(first.episode.first, max(s.episode.last for s in group) + 1)
        yield _event(state, surroundings, params, group, until, max(ends_us), first.began_us)


def _event(
    state: AreaState,
    surroundings: Surroundings,
    params: Any,
    spells: list[_Spell],
    bins: slice,
    known_at_us: int,
    stood_us: int | None,
) -> Event:
    """Draw one revision: of the areas in ``spells`` and the closed bins ``bins``."""
    gnss, first = surroundings.gnss, spells[0]
    areas = tuple(sorted({s.area for s in spells}))
    bounds = _bounds(areas)
    detail = state.detail(surroundings, params, areas, bins)
    vessel_id = f"area:{first.area}"
    began_us = int(gnss.bin_start_us[bins.start])
    hashed = params_hash(params)
    first_id = int(gnss.bin_report_id[bins.start])
    return Event(
        event_id=short_id(state.name, vessel_id, began_us, first_id, hashed),
        revision=1 if stood_us is None else 2,
        known_at_us=known_at_us,
        detected_at_us=known_at_us if stood_us is None else stood_us,
        behaviour=state.name,
        params_hash=hashed,
        vessel_id=vessel_id,
        mmsi=None,
        asset_id=None,
        began_us=began_us,
        ended_us=None if stood_us is None else int(gnss.bin_start_us[bins.stop - 1] + gnss.bin_us),
        first_report_id=first_id,
        last_report_id=int(gnss.bin_report_id[bins.stop - 1]),
        reports=detail.took_part,
        lat_deg=(bounds.south_deg + bounds.north_deg) / 2.0,
        lon_deg=(bounds.west_deg + bounds.east_deg) / 2.0,
        sog_kn=None,
        cog_deg=None,
        peak_score=float(max(s.value[bins].max() for s in spells)),
        reasons=detail.reasons,
        bounds=bounds,
    )


def _bounds(areas: tuple[int, ...]) -> Bounds:
    """Give the outline around areas; across the antimeridian ``east_deg`` goes on beyond 180."""
    each = [bounds_of(area) for area in areas]
    west = np.array([b.west_deg for b in each])
    if west.max() - west.min() > 180.0:
        west = np.where(west < 0, west + 360.0, west)
    south, north = min(b.south_deg for b in each), max(b.north_deg for b in each)
    return Bounds(south, float(west.min()), north, float(west.max()) + 1.0)
