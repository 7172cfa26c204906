"""What each collection holds: features in an order that stays, with the fields that may be asked about."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from collections.abc import Collection as Collection_
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from seavigil.api.context import Context
from seavigil.api.cql2 import box_shape
from seavigil.api.labels import Sees
from seavigil.api.ogc_filter import Truth
from seavigil.assets import Asset
from seavigil.events import Bounds
from seavigil.records import END_OF_DATA_US, NEVER_US, parse_time_us
from seavigil.runners.event_rows import event_row
from seavigil.runners.sea import Sea
from seavigil.store.features import Features, Within

if TYPE_CHECKING:
    from seavigil.runners.moving import Tracks

#: Rows fetched from the store at once (own choice).
_AT_ONCE = 500
Cursor = tuple[Any, ...]
Object = dict[str, Any]


@dataclass(frozen=True)
class Asked:
    """Where and when: boxes as west, south, east, north (none: anywhere), from one time to another.

    ``truth``: what the filter says of a row, and ``about``: the fields that it asks about; ``limit``: so many
    are wanted.
    """

    boxes: Sequence[tuple[float, float, float, float]] = ()
    from_us: int = NEVER_US
    to_us: int = END_OF_DATA_US
    truth: Truth | None = None
    about: Collection_[str] = ()
    limit: int = 1

    def fits(self, row: Mapping[str, Any]) -> bool:
        """Tell whether the filter is true of a row."""
        return self.truth is None or self.truth(row) is True

    @property
    def within(self) -> Within:
        """The same, as the store is asked."""
        boxes = [Bounds(south, west, north, east) for west, south, east, north in self.boxes]
        return Within(boxes, self.from_us, self.to_us)

    @property
    def area(self) -> Any:
        """The same as a geometry, None for anywhere."""
        import shapely

        return shapely.geometrycollections([box_shape(box, 0) for box in self.boxes]) if self.boxes else None


@dataclass(frozen=True)
class Item:
    """One feature: where it stands in its order, its fields, and the whole of it when that is wanted."""

    cursor: Cursor
    row: Mapping[str, Any] | None  #: None: it was passed over unseen, for it cannot fit
    feature: Callable[[], Object]
    weight: int = 1


@dataclass(frozen=True)
class Source:
    """What features are taken from, for one who asks."""

    context: Context
    sea: Sea
    sees: Sees
    labels: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Collection:
    """One kind of features. ``fields``: what may be asked about, with its kind (`ogc_filter.KINDS`).

    ``walk`` gives features after a cursor, ``one`` the feature of an id. ``cursor``: the kinds of its parts.
    """

    name: str
    title: str
    description: str
    fields: Mapping[str, str]
    cursor: tuple[type, ...]
    walk: Callable[[Source, Asked, Cursor | None], Iterator[Item]]
    one: Callable[[Source, str], Object | None]
    usual: int = 100
    most: int = 1000
    #: What is looked at for one page weighs so much; then it gives what it has (own choice: seconds).
    looked_at: int = 20_000


# --- assets ---------------------------------------------------------------------------------------


def _assets(source: Source, asked: Asked, after: Cursor | None) -> Iterator[Item]:
    """Give assets by id; they have no time, so they are of every time (/req/core/fc-time-response)."""
    import shapely

    area = asked.area
    watched = source.context.service.plan.assets or ()
    for asset in sorted(watched, key=lambda one: one.asset_id):
        passed = after is not None and asset.asset_id <= after[0]
        if passed or not source.sees.asset(asset.asset_id):
            continue
        if area is None or shapely.intersects(area, asset.geometry):
            yield _asset(source, asset)


def _asset(source: Source, asset: Asset) -> Item:
    label = source.labels.get(asset.asset_id)
    facts = ("asset_id", "name", "kind", "shape", "position_uncertainty_m", "uncertainty_source")
    told = {
        **{name: getattr(asset, name) for name in (*facts, "length_km", "operator")},
        "countries": list(asset.countries),
        "voltage_kv": asset.voltage_kv,
        "owner": getattr(label, "owner", None),
        "tlp": getattr(label, "tlp", None),
        "shared_with": list(getattr(label, "shared_with", ())),
    }
    row = {**told, "geometry": asset.geometry}
    return Item((asset.asset_id,), row, lambda: _feature(asset.asset_id, asset.geometry, told))


def _one_asset(source: Source, asset_id: str) -> Object | None:
    watched = source.context.service.plan.assets or ()
    found = next((one for one in watched if one.asset_id == asset_id), None)
    if found is None or not source.sees.asset(asset_id):
        return None
    return _asset(source, found).feature()


def _feature(id_: str, geometry: Any, properties: Mapping[str, Any]) -> Object:
    from shapely.geometry import mapping

    place = None if geometry is None else mapping(geometry)
    return {"type": "Feature", "id": id_, "geometry": place, "properties": properties}


# --- alerts and events ----------------------------------------------------------------------------


def _pages(
    read: Callable[..., list[tuple[tuple[int, str], Object]]], asked: Asked, after: Cursor | None
) -> Iterator[tuple[Cursor, Object]]:
    while True:
        page = read(asked.within, _AT_ONCE, after)
        yield from page
        if len(page) < _AT_ONCE:
            return
        after = page[-1][0]


def _alerts(source: Source, asked: Asked, after: Cursor | None) -> Iterator[Item]:
    features: Features = source.context.store.features
    for cursor, line in _pages(features.alerts, asked, after):
        told = source.sees.alert(line)
        if told is not None:
            yield _alert(cursor, told)


def _alert(cursor: Cursor, line: Mapping[str, Any]) -> Item:
    import shapely

    vessel, position = line.get("vessel") or {}, line.get("position")
    place = None if position is None else shapely.Point(position["lon_deg"], position["lat_deg"])
    flat = {
        **{name: vessel.get(name) for name in ("mmsi", "vessel_id", "imo", "name", "callsign", "flag")},
        "asset_ids": [asset["asset_id"] for asset in line.get("assets") or ()],
        "exercise": bool(line.get("exercise", False)),
    }
    told = {**line, **flat}
    row = {**told, **_times_of(told, ("began", "ended", "detected_at", "revised_at")), "geometry": place}
    return Item(cursor, row, lambda: _feature(line["alert_id"], place, told))


def _one_alert(source: Source, alert_id: str) -> Object | None:
    line = source.context.store.alert(alert_id)
    told = None if line is None else source.sees.alert(line)
    return None if told is None else _alert((), told).feature()


def _events(source: Source, asked: Asked, after: Cursor | None) -> Iterator[Item]:
    names = {asset.asset_id: asset.name for asset in source.context.service.plan.assets or ()}
    for cursor, line in _pages(source.context.store.features.events, asked, after):
        found = _event(source, cursor, line, names)
        if found is not None:
            yield found


def _event(source: Source, cursor: Cursor, line: Mapping[str, Any], names: Mapping[str, str]) -> Item | None:
    import shapely

    told = source.sees.event(event_row(line, names))
    if told is None:
        return None
    position, place = told.pop("position"), None
    bounds = line.get("bounds")
    if position is not None:
        place = shapely.Point(position["lon_deg"], position["lat_deg"])
    elif bounds is not None:
        place = shapely.box(*(bounds[f"{side}_deg"] for side in ("west", "south", "east", "north")))
    told = {**told, "mmsi": line["mmsi"]}
    row = {
        **told,
        **_times_of(told, ("began", "ended", "detected_at", "known_at", "crossed_at")),
        "geometry": place,
    }
    return Item(cursor, row, lambda: _feature(line["event_id"], place, told))


def _one_event(source: Source, event_id: str) -> Object | None:
    line = source.context.store.features.event(event_id)
    if line is None:
        return None
    names = {asset.asset_id: asset.name for asset in source.context.service.plan.assets or ()}
    found = _event(source, (), line, names)
    return None if found is None else found.feature()


def _times_of(told: Mapping[str, Any], names: Sequence[str]) -> dict[str, int | None]:
    return {name: None if told.get(name) is None else parse_time_us(told[name]) for name in names}


# --- tracks ---------------------------------------------------------------------------------------


def _tracks(source: Source, asked: Asked, after: Cursor | None) -> Iterator[Item]:
    import shapely

    from seavigil.runners.moving import Key

    area = asked.area
    begin = None if after is None else Key(date.fromisoformat(after[0]), after[1], after[2])
    at_once = _BY_ROWS.isdisjoint(asked.about)  # what the filter asks about is known before rows are read
    walk = _tracks_of(source).walk(
        asked.from_us,
        asked.to_us,
        asked.boxes,
        begin,
        early=(lambda told: asked.fits(_with_times(told))) if at_once else (lambda told: True),
        most=asked.limit + 1,
    )
    for one in walk:
        key = one if isinstance(one, Key) else one.key
        cursor = (key.day.isoformat(), *key.ship)
        if isinstance(one, Key):
            yield Item(cursor, None, dict, _PASSED)
        elif area is None or shapely.intersects(area, one.geometry):
            row = {**_with_times(one.properties), "geometry": one.geometry}
            yield Item(cursor, row, one.feature, one.rows.height)
        else:
            yield Item(cursor, None, dict, one.rows.height)


#: Fields of a track that only its rows tell.
_BY_ROWS = frozenset(("geometry", "positions", "longest_gap_s"))
#: What it weighs to pass a ship over (own choice: beside the reading of a position).
_PASSED = 10


def _with_times(told: Mapping[str, Any]) -> dict[str, Any]:
    return {**told, **_times_of(told, ("began", "ended"))}


def _one_track(source: Source, feature_id: str) -> Object | None:
    from seavigil.runners.moving import key_of

    key = key_of(feature_id)
    found = None if key is None else _tracks_of(source).one(key)
    return None if found is None else found.feature()


def _tracks_of(source: Source) -> Tracks:
    """Give the tracks of a sea: one for each, for it keeps in mind who was heard on which day."""
    from seavigil.runners.moving import Tracks

    with _LOCK:
        if source.sea not in _TRACKS:
            _TRACKS[source.sea] = Tracks(source.sea)
        return _TRACKS[source.sea]


_LOCK = threading.Lock()
_TRACKS: WeakKeyDictionary[Sea, Tracks] = WeakKeyDictionary()


_SHIP = {
    **dict.fromkeys(("vessel_id", "name", "callsign", "flag"), "text"),
    **dict.fromkeys(("mmsi", "imo"), "number"),
}
COLLECTIONS: Mapping[str, Collection] = {
    found.name: found
    for found in (
        Collection(
            "assets",
            "Assets",
            "Cables, pipelines, wind farms and other plants that are watched, as their source gives them.",
            {
                **dict.fromkeys(("asset_id", "name", "kind", "shape", "operator", "owner", "tlp"), "text"),
                "uncertainty_source": "text",
                **dict.fromkeys(("position_uncertainty_m", "length_km", "voltage_kv"), "number"),
                **dict.fromkeys(("countries", "shared_with"), "texts"),
                "geometry": "place",
            },
            (str,),
            _assets,
            _one_asset,
        ),
        Collection(
            "events",
            "Events",
            "What ships did, one behaviour of one ship at one asset each: the newest that is known of it.",
            {
                **dict.fromkeys(("event_id", "behaviour", "vessel_id", "asset_id", "asset_name"), "text"),
                **dict.fromkeys(("mmsi", "km_along", "angle_deg", "sog_kn", "distance_m"), "number"),
                **dict.fromkeys(("probability_over", "crossed_within_s"), "number"),
                **dict.fromkeys(("began", "ended", "detected_at", "known_at", "crossed_at"), "time"),
                "others": "texts",
                "geometry": "place",
            },
            (int, str),
            _events,
            _one_event,
        ),
        Collection(
            "alerts",
            "Alerts",
            "The newest revision of each alert, at the place where it was last.",
            {
                **dict.fromkeys(("alert_id", "status", "priority"), "text"),
                **_SHIP,
                "revision": "number",
                "expected_per_1000_ship_days": "number",
                "exercise": "truth",
                **dict.fromkeys(("behaviours", "asset_ids"), "texts"),
                **dict.fromkeys(("began", "ended", "detected_at", "revised_at"), "time"),
                "geometry": "place",
            },
            (int, str),
            _alerts,
            _one_alert,
            looked_at=5_000,  # to take hidden assets out of one takes 0.3 ms (measured, of 600 assets)
        ),
        Collection(
            "tracks",
            "Tracks",
            "How each ship went on each day (UTC): her sound positions as a line, and as a moving feature"
            " (MF-JSON, OGC 19-045r3) with times and speeds.",
            {
                **_SHIP,
                **dict.fromkeys(("ship_class", "destination", "day"), "text"),
                **dict.fromkeys(("ship_type", "length_m", "positions", "longest_gap_s"), "number"),
                **dict.fromkeys(("began", "ended"), "time"),
                "geometry": "place",
            },
            (str, int, int),
            _tracks,
            _one_track,
            usual=10,
            most=100,
            looked_at=100_000,  # positions, some 12 MB
        ),
    )
}
