"""Next assets: which a ship reaches within a day, when, how surely, and until when a call still helps."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import isfinite

import numpy as np
from numpy.typing import NDArray

from seavigil.assets.index import AssetIndex
from seavigil.forecast.motion import Land, MotionParams, Paths, State, ahead, paths
from seavigil.forecast.ways import STEP_S, Ways
from seavigil.records import SECOND_US

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

#: An asset's corridor: its route's uncertainty and so much to either side (DESIGN, section 6).
CORRIDOR_M = 200.0
#: An interval holds nine of ten: from the twentieth to the last but one twentieth of the tries.
_LOW, _HIGH = 0.05, 0.95
#: Its ends move out by these shares of the time ahead: of any try, of one alone, and of what is half a day
#: off or more (set on exercise seeds below 1000, decision 13).
_WIDER, _WIDER_FOR_ONE, _WIDER_FOR_FAR, _FAR_S = 0.02, 0.2, 0.15, 43_200.0
#: So many ships are taken at once: bounds the memory to some tens of megabytes.
_AT_ONCE = 128
#: A step into an area or past a line's end is looked at every minute (own choice).
_LOOKS = 15
#: Crash stops are tested from 90 % of full speed or more (MSC.137(76), 4.2.1); that of merchant ships is some
#: 15 kn (own choice). Slower than the other nothing is reckoned.
_TEST_KN = 15.0
_SLOWEST_KN = 0.5


@dataclass(frozen=True)
class CallParams:
    """What a call needs to help. Own choices where no source is named; an operator sets his own.

    ``reach_s``: until a watch officer has found her on VHF or DSC and been understood. ``reaction_s``: until
    her bridge has the engine stopped or the helm over. ``stops_in_lengths``: her track reach in a crash stop:
    at most 15 of her lengths (IMO resolution MSC.137(76), standards for ship manoeuvrability, 5.3.4).
    ``length_m``: of a ship that does not say. Raises ``ValueError`` for a number of no sense.
    """

    reach_s: float = 300.0
    reaction_s: float = 300.0
    stops_in_lengths: float = 15.0
    length_m: float = 200.0

    def __post_init__(self) -> None:
        if not all(isfinite(value) and value >= 0 for value in vars(self).values()) or self.length_m == 0:
            raise ValueError("each must be 0 or more, and length_m above 0")


@dataclass(frozen=True)
class NextAsset:
    """One asset that she may reach: her corridor first entered then, with this probability.

    ``eta_*_us``: earliest and latest hold nine of ten of the times at which she enters it, if she does.
    ``call_by_us``: the last moment at which a call still keeps her out of it should she come at the earliest.
    """

    asset: int
    probability: float
    eta_earliest_us: int
    eta_likely_us: int
    eta_latest_us: int
    call_by_us: int


@dataclass(frozen=True, eq=False)
class Entries:
    """When tries first enter corridors: one element for each ship, try and asset; ``after_s`` from now."""

    ship: I64
    attempt: I64
    asset: I64
    after_s: F64


def entries(
    state: State, ways: Ways, index: AssetIndex, params: MotionParams, land: Land | None = None
) -> Entries:
    """Give every first entry of every try of every ship, in order of ship and asset."""
    parts = []
    for begin in range(0, len(state), _AT_ONCE):
        few = state.part(slice(begin, begin + _AT_ONCE))
        found = _entries(paths(few, ways, params, land), index)
        parts.append(Entries(found.ship + begin, found.attempt, found.asset, found.after_s))
    return Entries(
        *(np.concatenate([getattr(p, n) for p in parts]) for n in ("ship", "attempt", "asset", "after_s"))
    )


def next_assets(
    found: Entries, state: State, now_us: I64, length_m: F64, index: AssetIndex, tries: int, call: CallParams
) -> list[tuple[NextAsset, ...]]:
    """Give for each ship the assets ahead of her, the soonest likely first.

    ``now_us``: her moment. ``length_m``: NaN where she does not say. An asset whose corridor she is in
    is ahead while she comes nearer to it (then it is entered already, with probability 1), else behind.
    """
    out: list[list[NextAsset]] = [[] for _ in range(len(state))]
    behind = _behind(state, index)
    key = found.ship * len(index.assets) + found.asset
    begins = np.flatnonzero(np.diff(key, prepend=-1))
    counts = np.diff(np.append(begins, len(key)))
    earliest_s, likely_s, latest_s = _interval(found.after_s, begins, counts)
    needs_s = _needs_s(np.fmax(state.sog_kn, state.usual_kn), length_m, call)
    for row, (at, count) in enumerate(zip(begins.tolist(), counts.tolist(), strict=True)):
        ship, asset = int(found.ship[at]), int(found.asset[at])
        if (ship, asset) in behind:
            continue
        now = int(now_us[ship])
        out[ship].append(
            NextAsset(
                asset,
                count / tries,
                _later(now, earliest_s[row]),
                _later(now, likely_s[row]),
                _later(now, latest_s[row]),
                _later(now, earliest_s[row] - needs_s[ship]),
            )
        )
    return [tuple(sorted(few, key=lambda n: (n.eta_likely_us, n.asset))) for few in out]


def _later(now_us: int, by_s: float) -> int:
    return now_us + round(by_s) * SECOND_US


def _interval(after_s: F64, begins: I64, counts: I64) -> tuple[F64, F64, F64]:
    """Give the ends and the middle of each group of times, which are in order.

    Between two times it is evenly in proportion. Tries tell less than how far off they may be, few of them
    least: the ends move out by a share of the time that is ahead (own choice, see decision 13).
    """
    low, middle, high = (_quantile(after_s, begins, counts, share) for share in (_LOW, 0.5, _HIGH))
    far = np.minimum(middle / _FAR_S, 1.0)
    wider = _WIDER + _WIDER_FOR_ONE / np.sqrt(counts) + _WIDER_FOR_FAR * far
    return np.maximum(low * (1.0 - wider), 0.0), middle, high * (1.0 + wider)


def _quantile(values: F64, begins: I64, counts: I64, share: float) -> F64:
    place = share * (counts - 1)
    below = np.floor(place).astype(np.int64)
    above = np.minimum(below + 1, counts - 1)
    part = place - below
    return np.asarray(values[begins + below] * (1.0 - part) + values[begins + above] * part)


def _needs_s(sog_kn: F64, length_m: F64, call: CallParams) -> F64:
    """Give for how long before she comes to a corridor a call must be made to stop her short of it."""
    stops_m = call.stops_in_lengths * np.where(length_m > 0, length_m, call.length_m)
    run_m_s = np.maximum(np.nan_to_num(sog_kn), _SLOWEST_KN) * 1852.0 / 3600.0
    return np.asarray(call.reach_s + call.reaction_s + stops_m * _stopping_share(sog_kn) / run_m_s)


def _stopping_share(sog_kn: F64) -> F64:
    """Give how much of her full track reach a slower ship needs: it grows with the square of her speed."""
    return np.asarray(np.clip(np.nan_to_num(sog_kn) / _TEST_KN, 0.0, 1.0) ** 2)


def _behind(state: State, index: AssetIndex) -> set[tuple[int, int]]:
    """Give the pairs (ship, asset) where she is in the corridor and does not come nearer."""
    here = state.lat_deg, state.lon_deg
    ship, asset = index.candidates(*here, *here, within_m=corridors_m(index))
    if not len(ship):
        return set()
    run_m = np.maximum(np.nan_to_num(state.sog_kn[ship]), 0.0) * 1852.0 / 60.0
    on_lat, on_lon = ahead(here[0][ship], here[1][ship], np.nan_to_num(state.cog_deg[ship]), run_m)
    now, then = index.measure(here[0][ship], here[1][ship], asset), index.measure(on_lat, on_lon, asset)
    nearer = (then.distance_m < now.distance_m) | (now.signed_m * then.signed_m < 0)
    return {(int(s), int(a)) for s, a in zip(ship[~nearer], asset[~nearer], strict=True)}


def _entries(gone: Paths, index: AssetIndex) -> Entries:
    ships, tries, places = gone.lat_deg.shape
    steps = places - 1
    lat, lon = gone.lat_deg.reshape(-1, places), gone.lon_deg.reshape(-1, places)
    moves = ((np.diff(lat, axis=1) != 0) | (np.diff(lon, axis=1) != 0)).ravel()
    at = np.flatnonzero(moves)
    one, step = np.divmod(at, steps)
    ends = lat[one, step], lon[one, step], lat[one, step + 1], lon[one, step + 1]
    row, asset = index.candidates(*ends, within_m=corridors_m(index))
    key = asset * (ships * tries) + one[row]
    order = np.lexsort((step[row], key))
    first = order[np.unique(key[order], return_index=True)[1]]
    row, asset = row[first], asset[first]
    share = _enters(index, [end[row] for end in ends], asset)
    ship, attempt = np.divmod(one[row], tries)
    after_s = (step[row] + share) * STEP_S
    order = np.lexsort((after_s, asset, ship))
    return Entries(ship[order], attempt[order], asset[order], after_s[order])


def _enters(index: AssetIndex, ends: list[F64], asset: I64) -> F64:
    """Give at which share of each step, 0 to 1, the corridor is entered.

    Distances from a line that a step crosses, or ends beside, change evenly over it; others are looked at.
    """
    width_m = corridors_m(index)[asset]
    begin, end = (index.measure(ends[i], ends[i + 1], asset) for i in (0, 2))
    other_side = np.sign(begin.signed_m) * np.sign(end.signed_m) < 0
    from_m, to_m = begin.distance_m, np.where(other_side, -end.distance_m, end.distance_m)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (from_m - width_m) / (from_m - to_m)
    beside = np.isfinite(end.signed_m) & (other_side | (to_m <= width_m))
    uneven = np.flatnonzero(~beside | begin.off_end | end.off_end)
    share[uneven] = _looked_at(index, [one[uneven] for one in ends], asset[uneven], width_m[uneven])
    return np.clip(np.where(np.isfinite(share), share, 0.5), 0.0, 1.0)


def _looked_at(index: AssetIndex, ends: list[F64], asset: I64, width_m: F64) -> F64:
    """Give the same where distances do not change evenly, as into areas and past ends: looked at often."""
    looks = np.linspace(0.0, 1.0, _LOOKS + 1)
    lat, lon = (ends[i][:, None] + (ends[i + 2] - ends[i])[:, None] * looks for i in (0, 1))
    found = index.measure(lat.ravel(), lon.ravel(), np.repeat(asset, len(looks)))
    distance_m = found.distance_m.reshape(lat.shape)
    within = distance_m <= width_m[:, None]
    at = np.where(within.any(axis=1), within.argmax(axis=1), distance_m.argmin(axis=1))
    before, row = np.maximum(at - 1, 0), np.arange(len(at))
    from_m, to_m = distance_m[row, before], distance_m[row, at]
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(from_m > to_m, (from_m - width_m) / (from_m - to_m), 0.0)
    return np.asarray((before + np.clip(part, 0.0, 1.0) * (at - before)) / _LOOKS)


@lru_cache(maxsize=4)
def corridors_m(index: AssetIndex) -> F64:
    """Give how far each asset's corridor reaches to either side, in metres."""
    return np.array([asset.position_uncertainty_m + CORRIDOR_M for asset in index.assets])
