"""Coverage lost: an area where ships were heard all the time has gone silent, while others are heard.

In a sailor's words: it is not that nobody is there, it is that nobody hears them: a receiver is gone,
or everybody's radio is drowned.

In half an hour before (each of six closed bins of five minutes) at least three ships were heard in the
area (half a degree by one); at least five fell silent within half an hour, heard nowhere else since; now
nobody has been heard there for a quarter of an hour, while elsewhere at least half of the ships of
before are. It lasts until anybody is heard there again, twelve hours at most.

What it misses: areas with fewer ships; a receiver that grows deaf slowly, or covers part of an area;
the whole feed falling silent, which is no matter of an area; what goes on after twelve hours.

Innocent readings: a receiver under maintenance, a fishing fleet that switches off in port together.

Cases: tests/behaviours/test_areas.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from seavigil.behaviours.area_states import AreaBehaviour, AreaDetail, AreaState, detect_areas
from seavigil.behaviours.episodes import Rule
from seavigil.behaviours.surroundings import Surroundings
from seavigil.events import Reason
from seavigil.normal.gnss import GnssState

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]
Bool = NDArray[np.bool_]


@dataclass(frozen=True)
class CoverageLostParams:
    """All own choices: three bins of silence are five reports of a class A ship at anchor that did not come;
    five ships, because three may go into port together; half elsewhere, or the whole feed is failing.
    """

    covered_bins: int = 6
    covered_ships: int = 3
    silent_bins: int = 3
    silent_ships: int = 5
    elsewhere_share: float = 0.5
    elsewhere_ships: int = 3
    lasts_bins: int = 144


def score(surroundings: Surroundings, params: CoverageLostParams) -> Iterable[tuple[int, F64]]:
    """Score 1 from the bin on in which the area is known to have gone silent, until it is heard again."""
    gnss = surroundings.gnss
    total = np.zeros(len(gnss.bin_start_us), dtype=np.int64)
    np.add.at(total, np.searchsorted(gnss.bin_start_us, gnss.start_us), gnss.ships)
    for area in np.unique(gnss.area[gnss.silent >= params.silent_ships]).tolist():
        ships, silent = _by_bin(gnss, area)
        begins = _goes_silent(ships, silent, total, params)
        yield area, _until_heard(begins, ships, params.lasts_bins)


def _by_bin(gnss: GnssState, area: int) -> tuple[I64, I64]:
    """Give the ships heard and fallen silent in one area, bin by bin."""
    here = np.flatnonzero(gnss.area == area)
    number = np.searchsorted(gnss.bin_start_us, gnss.start_us[here])
    counts = np.zeros((2, len(gnss.bin_start_us)), dtype=np.int64)
    counts[:, number] = gnss.ships[here], gnss.silent[here]
    return counts[0], counts[1]


def _goes_silent(ships: I64, silent: I64, total: I64, params: CoverageLostParams) -> Bool:
    """Tell the bins in which the area has just been found silent."""
    last, before = params.silent_bins, params.covered_bins
    found = np.zeros(len(ships), dtype=np.bool_)
    for at in np.flatnonzero(silent >= params.silent_ships).tolist():
        quiet, past = slice(at - last + 1, at + 1), slice(at - last - before + 1, at - last + 1)
        if past.start < 0 or ships[quiet].any() or ships[past].min() < params.covered_ships:
            continue
        elsewhere = total - ships
        usual = np.median(elsewhere[past])
        found[at] = elsewhere[quiet].min() >= max(params.elsewhere_ships, params.elsewhere_share * usual)
    return found


def _until_heard(begins: Bool, ships: I64, lasts_bins: int) -> F64:
    """Hold each beginning until a ship is heard, for a bounded time: older bins may no longer be kept."""
    lost = np.zeros(len(begins))
    for begin in np.flatnonzero(begins).tolist():
        heard = np.flatnonzero(ships[begin : begin + lasts_bins])
        lost[begin : begin + (int(heard[0]) if len(heard) else lasts_bins)] = 1.0
    return lost


def detail(
    surroundings: Surroundings, params: CoverageLostParams, areas: tuple[int, ...], bins: slice
) -> AreaDetail:
    """Say how many ships fell silent there, and how many are heard elsewhere."""
    gnss = surroundings.gnss
    here = np.isin(gnss.area, areas)
    start_us = gnss.bin_start_us[bins.start]
    silent = int(gnss.silent[here & (gnss.start_us == start_us)].sum())
    elsewhere = int(gnss.ships[~here & (gnss.start_us == start_us)].sum())
    reasons = (
        Reason("ships_fell_silent", silent, params.silent_ships, "ships", 2.0),
        Reason("ships_heard_elsewhere", elsewhere, params.elsewhere_ships, "ships"),
    )
    return AreaDetail(reasons, silent)


_STATE = AreaState("coverage_lost", rule=lambda p: Rule(on=1.0, off=0.5), score=score, detail=detail)

BEHAVIOUR = AreaBehaviour(name=_STATE.name, params=CoverageLostParams(), detect=partial(detect_areas, _STATE))
