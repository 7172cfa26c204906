"""One ship's path as lines of data, as GeoJSON, and in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from seavigil import words
from seavigil.events import Event
from seavigil.reasons import many, minutes
from seavigil.records import Flag, parse_time_us, rfc3339
from seavigil.runners.hindcast import Gap, Path, Stop

#: Names of assets by id.
Names = Mapping[str, str]
#: What is marked on a path.
KINDS = ("crossing", "stop", "gap", "alert")


def lines(path: Path, names: Names) -> list[dict[str, Any]]:
    """Give who she is, and then all that is known of her in order of time, one object each."""
    told = [*_positions(path), *marks(path, names)]
    return [ship(path), *sorted(told, key=lambda line: (line["time"], line["type"]))]


def marks(path: Path, names: Names) -> list[dict[str, Any]]:
    """Give her crossings, stops, gaps and alerts, in order of time."""
    found = [_crossing(path, e, names) for e in path.crossings]
    found += [_stop(path, s) for s in path.stops]
    found += [_gap(path, g) for g in path.gaps]
    found += [_alert(path, a.as_json()) for a in path.changes]
    return sorted(found, key=lambda line: (line["time"], line["type"]))


def ship(path: Path) -> dict[str, Any]:
    """Say who she is, and what there is of her."""
    static, times_us = path.static, path.track.time_us
    facts = ("imo", "name", "callsign", "ship_type", "length_m", "flag")
    vessel = {"mmsi": static.mmsi, "vessel_id": path.vessel_id, **{f: getattr(static, f) for f in facts}}
    line: dict[str, Any] = {
        "type": "ship",
        "vessel": vessel,
        "began": rfc3339(int(times_us[0])) if len(times_us) else None,
        "ended": rfc3339(int(times_us[-1])) if len(times_us) else None,
        "positions": len(times_us),
        "left_out": path.left_out,
        "made_m": round(path.made_m),
    }
    return line | ({"exercise": True} if path.exercise else {})


def _line(kind: str, path: Path, time_us: int, **more: Any) -> dict[str, Any]:
    return {"type": kind, "vessel_id": path.vessel_id, "time": rfc3339(time_us), **more}


def _place(lat_deg: float, lon_deg: float) -> dict[str, float]:
    return {"lat_deg": round(float(lat_deg), 6), "lon_deg": round(float(lon_deg), 6)}


def _positions(path: Path) -> Iterable[dict[str, Any]]:
    track = path.track
    for row in range(len(track)):
        yield _line(
            "position",
            path,
            int(track.time_us[row]),
            **_place(track.lat_deg[row], track.lon_deg[row]),
            sog_kn=_known(track.sog_kn[row]),
            cog_deg=_known(track.cog_deg[row]),
            heading_deg=_known(track.heading_deg[row]),
            nav_status=_known(track.nav_status[row], whole=True),
            usual_sog_kn=_known(usual_kn(path, int(track.time_us[row]))),
            flags=[f.name.lower() for f in Flag if f in Flag(int(track.flags[row])) and f.name],
        )


def usual_kn(path: Path, at_us: int) -> float:
    """Give her own usual speed as the newest bin up to a time has it; NaN where it is not known."""
    row = int(np.searchsorted(path.usual_us, at_us, side="right")) - 1
    return float(path.usual_kn[row]) if row >= 0 else float("nan")


def _known(value: float, *, whole: bool = False) -> float | None:
    if np.isnan(value):
        return None
    return int(value) if whole else round(float(value), 1)


def _crossing(path: Path, event: Event, names: Names) -> dict[str, Any]:
    passage = event.passage
    assert passage is not None  # a crossing says how she went over
    at_us = event.began_us if passage.crossed_at_us is None else passage.crossed_at_us
    speeds = [r.observed for r in event.reasons if r.code == "crossing_speed"]
    return _line(
        "crossing",
        path,
        at_us,
        **_place(*_where(path, at_us)),
        within_s=passage.crossed_within_s,
        asset_id=event.asset_id,
        name=names.get(event.asset_id or "", event.asset_id),
        km_along=None if passage.km_along is None else round(passage.km_along, 3),
        angle_deg=None if passage.angle_deg is None else round(passage.angle_deg, 1),
        probability_over=round(passage.probability_over, 4),
        sog_kn=speeds[0] if speeds else None,
    )


def _where(path: Path, at_us: int) -> tuple[float, float]:
    """Give where she was between the reports around a time, on the straight way from one to the next."""
    track = path.track
    after = int(np.clip(np.searchsorted(track.time_us, at_us), 1, max(len(track) - 1, 1)))
    rows = [after - 1, min(after, len(track) - 1)]
    lat = np.interp(at_us, track.time_us[rows], track.lat_deg[rows])
    lon = np.interp(at_us, track.time_us[rows], np.unwrap(track.lon_deg[rows], period=360.0))
    return float(lat), float((lon + 180.0) % 360.0 - 180.0)


def _stop(path: Path, stop: Stop) -> dict[str, Any]:
    lasted_s = (stop.ended_us - stop.began_us) / 1e6
    more = {"ended": rfc3339(stop.ended_us), "lasted_s": lasted_s}
    return _line("stop", path, stop.began_us, **_place(stop.lat_deg, stop.lon_deg), **more)


def _gap(path: Path, gap: Gap) -> dict[str, Any]:
    return _line(
        "gap",
        path,
        gap.began_us,
        **_place(*gap.began_deg),
        ended=rfc3339(gap.ended_us),
        back_at=None if gap.ended_deg is None else _place(*gap.ended_deg),
        lasted_s=gap.lasted_s,
        made_good_m=None if gap.made_good_m is None else round(gap.made_good_m),
        bins=gap.bins,
        bins_others_heard=gap.heard_bins,
        ships_heard_around=gap.others,
    )


def _alert(path: Path, line: dict[str, Any]) -> dict[str, Any]:
    place = line["position"] or {"lat_deg": None, "lon_deg": None}
    if len(path.track):  # where she was then; the line says where she was when what it tells was seen
        place = _place(*_where(path, parse_time_us(line["revised_at"])))
    told = {"type": "alert", "vessel_id": path.vessel_id, "time": line["revised_at"], **place}
    return {**told, "alert": line}


def features(paths: Iterable[Path], names: Names) -> dict[str, Any]:
    """Give a FeatureCollection (RFC 7946): her track as LineStrings, the rest as Points.

    A track is one LineString, cut only at the antimeridian (section 3.1.9); its property ``times`` has
    the time of each of its positions.
    """
    found = [f for path in paths for f in (*_track(path), *map(_point, marks(path, names)))]
    return {"type": "FeatureCollection", "features": found}


def _track(path: Path) -> Iterable[dict[str, Any]]:
    track, about = path.track, ship(path)
    cuts = (np.flatnonzero(np.abs(np.diff(track.lon_deg)) > 180.0) + 1).tolist()
    for begin, end in pairwise([0, *cuts, len(track)]):
        rows = track.rows(slice(begin, end))
        places = np.column_stack([rows.lon_deg, rows.lat_deg]).round(6).tolist()
        if not places:
            continue
        line = {"type": "LineString", "coordinates": places}
        times = [rfc3339(t) for t in rows.time_us.tolist()]
        speeds = [_known(v) for v in rows.sog_kn]
        yield {
            "type": "Feature",
            "geometry": line if len(places) > 1 else {"type": "Point", "coordinates": places[0]},
            "properties": {**about, "type": "track", "times": times, "sog_kn": speeds},
        }


def _point(line: dict[str, Any]) -> dict[str, Any]:
    place = [line["lon_deg"], line["lat_deg"]]
    point = None if None in place else {"type": "Point", "coordinates": place}
    return {"type": "Feature", "geometry": point, "properties": line}


def title(path: Path) -> str:
    """Name her as alerts do, and say how much there is of her."""
    line = ship(path)
    if not line["positions"]:
        return f"{words.ship(line)}: no position in that time"
    since, until = (line[k][:19].replace("T", " ") for k in ("began", "ended"))
    left = f", {many(line['left_out'], 'report')} without a sound position" if line["left_out"] else ""
    way = f"{line['made_m'] / 1852:.1f} nm"
    return f"{words.ship(line)}: {many(line['positions'], 'position')} from {since} to {until}, {way}{left}"


def said(line: dict[str, Any]) -> tuple[str, str, str]:
    """Say one mark in words: when, what, where."""
    where = words.place({"position": None if line["lat_deg"] is None else line})
    return line["time"][:19].replace("T", " "), _SAY[line["type"]](line), where


def _say_crossing(line: dict[str, Any]) -> str:
    speed = f" at {line['sog_kn']:g} kn" if line["sog_kn"] is not None else ""
    km = f", km {line['km_along']:.1f}" if line["km_along"] is not None else ""
    within = f" (within {line['within_s']:.0f} s)" if line["within_s"] is not None else ""
    sure = f", over the line with probability {line['probability_over']:.2f}"
    return f"crossed {line['name']}{speed}{km}{sure}{within}"


def _say_stop(line: dict[str, Any]) -> str:
    return f"lay still for {minutes(line['lasted_s'])}"


def _say_gap(line: dict[str, Any]) -> str:
    back = line["ended"] is not None
    made = f", back {line['made_good_m'] / 1000:.1f} km off" if back else ", not heard again in the data"
    return f"silent for {minutes(line['lasted_s'])}{made}; {heard(line)}"


def heard(gap: Mapping[str, Any]) -> str:
    """Say whether others were heard where she was silent."""
    if not gap["bins"]:
        return "whether others were heard meanwhile is not known"
    if not gap["bins_others_heard"]:
        return "nobody else was heard around there either"
    share = gap["bins_others_heard"] / gap["bins"]
    others = f"{many(gap['ships_heard_around'], 'other ship')} heard around there"
    return f"{others} all the while" if share == 1.0 else f"{others} for {share:.0%} of that time"


def _say_alert(line: dict[str, Any]) -> str:
    alert = line["alert"]
    named = words.assets(alert)
    since = f"since {words.clock(alert['began'], alert['revised_at'])}"
    of = f": {named}" if named else ""
    taken_back = ", taken back" if alert["retracted_because"] else ""
    return f"{alert['priority']} alert{taken_back}: {words.what(alert)}{of} ({since})"


_SAY = {"crossing": _say_crossing, "stop": _say_stop, "gap": _say_gap, "alert": _say_alert}
