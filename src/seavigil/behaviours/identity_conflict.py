"""Identity conflict: what a ship says she is does not hold together.

In a sailor's words: two ships answer to one number; or one ship's signal ends and a stranger's begins
on the very spot; or her name, size or IMO number is no longer what it was; or the IMO number cannot be one.

Findings, each with its strength; they fire alone from 1 on, weaker ones only together:

- two ships under one MMSI, heard in the same hour too far apart to be one (2);
- swap: a number never heard before begins within two minutes and 50 m of where another, silent since,
  would have been (2): as Xing Shun 39 did off Taiwan in January 2025;
- the IMO number heard under way becomes another (2), the length another by a third and 20 m (1), the name
  another while under way (1), or while she lies still (0.5: ships are renamed in port);
- an IMO number whose check digit is wrong (0.6: also a typing error), a call sign of another state than the
  MMSI (0.6: also a sale not entered in the set yet).

What it misses: twins that are never heard in the same two hours or lie within 5 km, swaps where nobody
hears either ship for over two minutes, whoever copies all of an identity that is not in use, ships that
send no static data. Nothing is held against a registry of ships.

Innocent readings: a set not reprogrammed after sale or change of flag, a typing error, a set on the
shelf of a workshop or of a yard, a number mistakenly given twice, fishing-net beacons with a ship's number.

Cases: tests/behaviours/test_identity_conflict.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from seavigil import geodesy
from seavigil.behaviours.detect import Behaviour, Detail, logged
from seavigil.behaviours.episodes import Rule, Scores
from seavigil.behaviours.surroundings import Surroundings
from seavigil.callsign import imo_can_be, state_of_callsign, state_of_mmsi
from seavigil.events import Reason
from seavigil.normal.log import Log, ship_key
from seavigil.records import SECOND_US, vessel_id
from seavigil.track import Track
from seavigil.vessel import Static, Statics

I64 = NDArray[np.int64]
F64 = NDArray[np.float64]
Bool = NDArray[np.bool_]

_KN_MS = 1852.0 / 3600.0
_PARTS = ship_key(1, 0)


@dataclass(frozen=True)
class IdentityConflictParams:
    """``swap_within_s``, ``swap_within_m``: the Xing Shun 39 case as reported; more for what either moved.

    Own choices: 5 km, because two sets on one long tow are nearer; three bins of both within the hour,
    because late satellite rows make one; unheard for 70 min and told within 40, because two hours is what
    every run remembers of every ship; 15 min of silence, three closed bins, before the other is held to
    have ended; a finding is told in the first ``told_bins`` bins after it, because it does not end; the
    lengths, because antenna offsets are entered anew and by hand.
    """

    min_apart_m: float = 5_000.0
    both_bins: int = 3
    both_within_s: float = 3_600.0
    swap_within_s: float = 120.0
    swap_within_m: float = 50.0
    silent_since_s: float = 900.0
    unheard_before_s: float = 4_200.0
    heard_from_s: float = 1_800.0
    told_bins: int = 3
    told_within_s: float = 2_400.0
    min_length_change_m: float = 20.0
    min_length_ratio: float = 1.33
    min_letters_changed: int = 3
    still_kn: float = 0.5


@dataclass(frozen=True)
class _Finding:
    """What does not hold together, for which bins of the log it is told, and who else is concerned."""

    strength: float
    reason: Reason
    told: NDArray[np.bool_]
    others: tuple[str, ...] = ()


def score(track: Track, surroundings: Surroundings, params: IdentityConflictParams) -> Iterable[Scores]:
    """Score for each bin of her log the strengths of what was found by then, added up."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    if not len(log):
        return
    tenths = np.zeros(len(log), dtype=np.int64)
    for finding in _findings(track, log, surroundings, params):
        tenths += round(finding.strength * 10) * finding.told
    if tenths.any():
        yield logged(track, log, tenths / 10.0)


def screen_log(surroundings: Surroundings, rows: I64, params: IdentityConflictParams) -> Bool:
    """Something must have been found lately: others under her number, that she began, what she says."""
    log = surroundings.log
    may = _shared(log, rows) | _began_lately(surroundings, rows, params)
    for at in np.flatnonzero(~may & (log.ship[rows] % _PARTS == 0)).tolist():
        mmsi, visible_us = int(log.ship[rows[at]]) // _PARTS, int(log.visible_us[rows[at]])
        may[at] = _said_lately(mmsi, visible_us, surroundings.statics, params)
    return may


def _shared(log: Log, rows: I64) -> Bool:
    """Tell the rows of ships that are not alone under their number."""
    ship = log.ship[rows]
    mmsi = ship // _PARTS
    every = np.searchsorted(log.ship, (mmsi + 1) * _PARTS) - np.searchsorted(log.ship, mmsi * _PARTS)
    return np.asarray(every != np.searchsorted(log.ship, ship + 1) - np.searchsorted(log.ship, ship))


def _began_lately(surroundings: Surroundings, rows: I64, params: IdentityConflictParams) -> Bool:
    """Tell the rows at which it may be told that their ship began, or began anew."""
    log, starts_us = surroundings.log, surroundings.coverage.starts_us
    may = np.zeros(len(rows), dtype=np.bool_)
    heard_from_us = starts_us[0] + int(params.heard_from_s * SECOND_US) if len(starts_us) else None
    if heard_from_us is None:
        return may
    for back in range(int(params.told_within_s * SECOND_US / surroundings.coverage.bin_us) + 2):
        row, hers = log.earlier(rows, back)
        before, has_before = log.earlier(row, 1)
        gap_us = log.first_us[row] - log.last_us[before]
        new = ~has_before | (gap_us > params.unheard_before_s * SECOND_US)
        may |= hers & new & (log.first_us[row] >= heard_from_us)
    return may


def _said_lately(mmsi: int, at_us: int, statics: Statics, params: IdentityConflictParams) -> bool:
    """Whether something she said lately was another before, or cannot be."""
    since_us = at_us - params.told_within_s * SECOND_US
    for name in ("imo", "length_m", "name", "callsign"):
        heard = statics.changes(mmsi, name, at_us)
        if heard and heard[-1][0] >= since_us:
            if name != "callsign" and len(heard) > 1:
                return True
            if name == "imo" and not all(imo_can_be(imo) for _, imo in heard):
                return True
            if name == "callsign" and any(_foreign(mmsi, sign) for _, sign in heard):
                return True
    return False


def _foreign(mmsi: int, callsign: str) -> bool:
    states = (state_of_mmsi(mmsi), state_of_callsign(callsign))
    return None not in states and states[0] != states[1]


def _findings(
    track: Track, log: Log, surroundings: Surroundings, params: IdentityConflictParams
) -> Iterator[_Finding]:
    """Give all that is found in her log; each row looks at nothing later than its own time."""
    yield from _twins(track, log, surroundings.log, params)
    yield from _swaps(log, surroundings, params)
    if track.vessel_part == 0:
        yield from _changes(track.mmsi, log, surroundings.statics, params)
        yield from _impossible(track.mmsi, log, surroundings.statics, params)


def _twins(track: Track, log: Log, everyone: Log, params: IdentityConflictParams) -> Iterator[_Finding]:
    """Find other ships under her MMSI, both heard in several bins of the last hour and far apart."""
    begin, end = np.searchsorted(everyone.ship, [track.mmsi * _PARTS, (track.mmsi + 1) * _PARTS])
    under = everyone.rows(slice(int(begin), int(end)))
    for key in np.unique(under.ship[under.ship != ship_key(track.mmsi, track.vessel_part)]).tolist():
        other = under.rows(under.ship == key)
        at = np.minimum(np.searchsorted(other.start_us, log.start_us), len(other) - 1)
        lat, lon = other.lat_deg[at], other.lon_deg[at]
        apart_m = geodesy.distance_m(log.lat_deg, log.lon_deg, lat, lon)
        both = (other.start_us[at] == log.start_us) & (apart_m >= params.min_apart_m)
        count = np.cumsum(both)
        first = np.searchsorted(log.start_us, log.start_us - int(params.both_within_s * SECOND_US))
        within = count - count[first] + both[first]
        told = within >= params.both_bins
        if told.any():
            last = int(np.flatnonzero(told)[-1])
            hour = slice(int(first[last]), last + 1)
            least_km = _km(apart_m[hour][both[hour]].min())
            reason = Reason("two_ships_one_mmsi", least_km, _km(params.min_apart_m), "km", 3.0)
            yield _Finding(2.0, reason, told, (vessel_id(track.mmsi, key % _PARTS),))


def _km(metres: float) -> float:
    return round(float(metres) / 1000.0, 1)


def _swaps(log: Log, surroundings: Surroundings, params: IdentityConflictParams) -> Iterator[_Finding]:
    """Find the ship that fell silent where this one began, if this one was never heard before."""
    new = _beginnings(log, surroundings, params)
    for row in np.flatnonzero(new).tolist():
        since_s = (log.visible_us - log.first_us[row]) / SECOND_US
        told = (since_s >= params.silent_since_s) & (since_s <= params.told_within_s)
        told &= np.cumsum(told) <= params.told_bins
        if told.any():
            yield from _ended_there(log, row, told, surroundings, params)


def _beginnings(log: Log, surroundings: Surroundings, params: IdentityConflictParams) -> NDArray[np.bool_]:
    """Tell the rows with which a ship begins that was not heard before, though she could have been."""
    starts_us, mmsi = surroundings.coverage.starts_us, int(log.ship[0]) // _PARTS
    before_us = np.concatenate([[np.iinfo(np.int64).min // 2], log.last_us[:-1]])
    new = log.first_us - before_us > params.unheard_before_s * SECOND_US
    heard_from_us = starts_us[0] if len(starts_us) else np.iinfo(np.int64).max
    new &= log.first_us - heard_from_us >= params.heard_from_s * SECOND_US
    for row in np.flatnonzero(new).tolist():
        early_us = int(log.first_us[row] - params.heard_from_s * SECOND_US)
        new[row] = surroundings.statics.known(mmsi, early_us) == Static(mmsi)
    return np.asarray(new)


def _ended_there(
    log: Log, row: int, told: NDArray[np.bool_], surroundings: Surroundings, params: IdentityConflictParams
) -> Iterator[_Finding]:
    """Find ships heard last just before and near the first report of ``row``, and not since."""
    everyone, start_us = surroundings.log, int(log.start_us[row])
    for rows in (everyone.during(us) for us in (start_us - surroundings.coverage.bin_us, start_us)):
        silent_s = (log.first_us[row] - rows.last_us) / SECOND_US
        # nearer of where she was last and where she would have been, going on as she went
        run_m = np.nan_to_num(rows.sog_kn) * _KN_MS * silent_s
        lat, lon = geodesy.destination(rows.lat_deg, rows.lon_deg, np.nan_to_num(rows.cog_deg), run_m)
        here_lat, here_lon = log.first_lat_deg[row], log.first_lon_deg[row]
        off_m = np.minimum(
            geodesy.distance_m(rows.lat_deg, rows.lon_deg, here_lat, here_lon),
            geodesy.distance_m(lat, lon, here_lat, here_lon) - 0.2 * run_m,
        )
        near = (silent_s >= 0) & (silent_s <= params.swap_within_s) & (off_m <= params.swap_within_m)
        near &= rows.ship // _PARTS != log.ship[row] // _PARTS
        for at in np.flatnonzero(near).tolist():
            mmsi, part = divmod(int(rows.ship[at]), _PARTS)
            own = everyone.of(mmsi, part)
            again_us = own.visible_us[own.last_us > rows.last_us[at]]
            silent = told & (log.visible_us < (again_us[0] if len(again_us) else np.iinfo(np.int64).max))
            reason = Reason(
                "began_where_another_ended", round(max(float(off_m[at]), 0.0)), params.swap_within_m, "m", 3.0
            )
            yield _Finding(2.0, reason, silent, (vessel_id(mmsi, part),))


def _changes(mmsi: int, log: Log, statics: Statics, params: IdentityConflictParams) -> Iterator[_Finding]:
    """Find values of her static data that became others while she was watched."""
    until_us = int(log.visible_us[-1])
    for (_, old), (at_us, new) in pairwise(statics.changes(mmsi, "imo", until_us)):
        if imo_can_be(old) and imo_can_be(new):
            yield _Finding(2.0, Reason("imo_changed", new, old, "", 3.0), _told(log, at_us, params))
    for (_, old), (at_us, new) in pairwise(statics.changes(mmsi, "length_m", until_us)):
        low, high = sorted((old, new))
        if high - low >= params.min_length_change_m and high >= params.min_length_ratio * low:
            yield _Finding(1.0, Reason("length_changed", new, old, "m", 2.0), _told(log, at_us, params))
    for (_, old), (at_us, new) in pairwise(statics.changes(mmsi, "name", until_us)):
        letters = letters_changed(old, new)
        if letters >= params.min_letters_changed:
            told = _told(log, at_us, params)
            still = told.any() and log.sog_kn[told][0] < params.still_kn
            reason = Reason(
                "name_changed", letters, params.min_letters_changed, "letters", 1.0 if still else 2.0
            )
            yield _Finding(0.5 if still else 1.0, reason, told)


def _impossible(mmsi: int, log: Log, statics: Statics, params: IdentityConflictParams) -> Iterator[_Finding]:
    """Find an IMO number that cannot be one, and a call sign of another state than the number's."""
    until_us = int(log.visible_us[-1])
    for at_us, imo in statics.changes(mmsi, "imo", until_us):
        if not imo_can_be(imo):
            yield _Finding(0.6, Reason("imo_check_digit", imo, None, "", 1.5), _told(log, at_us, params))
    of_mmsi = state_of_mmsi(mmsi)
    for at_us, sign in statics.changes(mmsi, "callsign", until_us):
        of_sign = state_of_callsign(sign)
        if None not in (of_mmsi, of_sign) and of_mmsi != of_sign:
            yield _Finding(0.6, Reason("callsign_of_other_state", 1, 0, "", 1.5), _told(log, at_us, params))


def _told(log: Log, at_us: int, params: IdentityConflictParams) -> NDArray[np.bool_]:
    """Tell the first few bins that became visible after ``at_us``."""
    since = (log.visible_us >= at_us) & (log.visible_us - at_us <= params.told_within_s * SECOND_US)
    return np.asarray(since & (np.cumsum(since) <= params.told_bins))


def letters_changed(old: str, new: str) -> int:
    """Count the letters to put in, take out or change to make one name of the other (Levenshtein).

    Case, blanks and punctuation do not count, and a name cut short or with an addition is the same.

    >>> letters_changed("MV ANNA-MARIA", "Anna Maria"), letters_changed("OCEAN STAR", "XIN HE 12")
    (0, 8)
    """
    a, b = ("".join(c for c in name.upper() if c.isalnum()) for name in (old, new))
    if a in b or b in a:
        return 0
    row = list(range(len(b) + 1))
    for i, one in enumerate(a, start=1):
        last, row[0] = row[0], i
        for j, other in enumerate(b, start=1):
            last, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, last + (one != other))
    return row[-1]


def detail(
    track: Track,
    surroundings: Surroundings,
    params: IdentityConflictParams,
    scores: Scores,
    first: int,
    upto: int,
) -> Detail:
    """Give the reasons of all findings told between the two rows, and the other ships concerned."""
    log = surroundings.log.of(track.mmsi, track.vessel_part)
    log = log.rows(log.visible_us <= scores.time_us[upto])
    at_first = int(np.searchsorted(log.visible_us, scores.time_us[first]))
    found = [f for f in _findings(track, log, surroundings, params) if f.told[at_first:].any()]
    others = tuple(dict.fromkeys(other for f in found for other in f.others))
    return Detail(tuple(f.reason for f in found), others=others)


BEHAVIOUR = Behaviour(
    name="identity_conflict",
    params=IdentityConflictParams(),
    history_s=900.0,
    rule=lambda p: Rule(on=1.0, off=0.5, max_gap_s=1800.0),
    score=score,
    detail=detail,
    of_log=True,
    screen_log=screen_log,
)
