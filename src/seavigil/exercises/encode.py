"""Write AIS messages: fields to armoured payload (types 1 to 5, 18, 19, 21, 24 and 27).

Field order, widths, steps and "not available" values: ITU-R M.1371-5, annex 8. ``None`` is sent
as "not available". A value that its field cannot hold raises ``ValueError`` naming the field.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from math import copysign, sqrt

from seavigil.exercises.payload import Field, Payload, pack, text, within


@dataclass(frozen=True)
class Dimensions:
    """From the reference point to the ship's four sides, whole metres; 0 all over is unknown."""

    to_bow_m: int = 0
    to_stern_m: int = 0
    to_port_m: int = 0
    to_starboard_m: int = 0

    def fields(self) -> tuple[Field, ...]:
        """Give the 30 bits of the dimension field."""
        return (
            ("to_bow_m", self.to_bow_m, 9),
            ("to_stern_m", self.to_stern_m, 9),
            ("to_port_m", self.to_port_m, 6),
            ("to_starboard_m", self.to_starboard_m, 6),
        )


#: No dimensions given.
UNKNOWN = Dimensions()


def position_a(
    mmsi: int,
    *,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    sog_kn: float | None = None,
    cog_deg: float | None = None,
    heading_deg: float | None = None,
    rot_deg_min: float | None = None,
    nav_status: int | None = None,
    utc_second: int | None = None,
    position_accuracy_high: bool = False,
    raim: bool = False,
    manoeuvre: int = 0,
    radio_status: int = 0,
    msg_type: int = 1,
    repeat: int = 0,
) -> Payload:
    """Encode a class A position report (types 1, 2, 3)."""
    if msg_type not in (1, 2, 3):
        raise ValueError(f"msg_type {msg_type} is no class A position report; give 1, 2 or 3")
    return pack(
        *_head(msg_type, mmsi, repeat),
        ("nav_status", 15 if nav_status is None else nav_status, 4),
        ("rot_deg_min", _rot(rot_deg_min), -8),
        ("sog_kn", _sog(sog_kn), 10),
        ("position_accuracy_high", int(position_accuracy_high), 1),
        *_place(lat_deg, lon_deg),
        ("cog_deg", _cog(cog_deg), 12),
        ("heading_deg", _heading(heading_deg), 9),
        ("utc_second", 60 if utc_second is None else utc_second, 6),
        ("manoeuvre", manoeuvre, 2),
        ("spare", 0, 3),
        ("raim", int(raim), 1),
        ("radio_status", radio_status, 19),
    )


def position_b(
    mmsi: int,
    *,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    sog_kn: float | None = None,
    cog_deg: float | None = None,
    heading_deg: float | None = None,
    utc_second: int | None = None,
    position_accuracy_high: bool = False,
    raim: bool = False,
    carrier_sense: bool = True,
    radio_status: int = 0,
    repeat: int = 0,
) -> Payload:
    """Encode a class B position report (type 18)."""
    return pack(
        *_head(18, mmsi, repeat),
        *_motion_b(lat_deg, lon_deg, sog_kn, cog_deg, heading_deg, utc_second, position_accuracy_high),
        ("spare", 0, 2),
        ("carrier_sense", int(carrier_sense), 1),
        ("display", 0, 1),
        ("dsc", 1, 1),
        ("whole_band", 1, 1),
        ("accepts_type_22", 1, 1),
        ("assigned", 0, 1),
        ("raim", int(raim), 1),
        ("radio_status", radio_status, 20),
    )


def position_b_extended(
    mmsi: int,
    *,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    sog_kn: float | None = None,
    cog_deg: float | None = None,
    heading_deg: float | None = None,
    utc_second: int | None = None,
    position_accuracy_high: bool = False,
    raim: bool = False,
    name: str = "",
    ship_type: int = 0,
    dimensions: Dimensions = UNKNOWN,
    position_device: int = 1,
    repeat: int = 0,
) -> Payload:
    """Encode an extended class B position report (type 19)."""
    return pack(
        *_head(19, mmsi, repeat),
        *_motion_b(lat_deg, lon_deg, sog_kn, cog_deg, heading_deg, utc_second, position_accuracy_high),
        ("spare", 0, 4),
        text("name", name, 20),
        ("ship_type", ship_type, 8),
        *dimensions.fields(),
        ("position_device", position_device, 4),
        ("raim", int(raim), 1),
        ("terminal_not_ready", 0, 1),
        ("assigned", 0, 1),
        ("spare", 0, 4),
    )


def static_a(
    mmsi: int,
    *,
    imo: int | None = None,
    callsign: str = "",
    name: str = "",
    ship_type: int = 0,
    dimensions: Dimensions = UNKNOWN,
    position_device: int = 1,
    eta: tuple[int, int, int, int] | None = None,
    draught_m: float | None = None,
    destination: str = "",
    repeat: int = 0,
) -> Payload:
    """Encode class A static and voyage data (type 5); ``eta`` is month, day, hour, minute UTC."""
    month, day, hour, minute = eta or (0, 0, 24, 60)
    return pack(
        *_head(5, mmsi, repeat),
        ("ais_version", 2, 2),
        ("imo", imo or 0, 30),
        text("callsign", callsign, 7),
        text("name", name, 20),
        ("ship_type", ship_type, 8),
        *dimensions.fields(),
        ("position_device", position_device, 4),
        ("eta month", month, 4),
        ("eta day", day, 5),
        ("eta hour", hour, 5),
        ("eta minute", minute, 6),
        ("draught_m", round((draught_m or 0.0) * 10), 8),
        text("destination", destination, 20),
        ("terminal_not_ready", 0, 1),
        ("spare", 0, 1),
    )


def static_b_name(mmsi: int, *, name: str = "", repeat: int = 0) -> Payload:
    """Encode class B static data, part A (type 24)."""
    return pack(*_head(24, mmsi, repeat), ("part", 0, 2), text("name", name, 20))


def static_b_ship(
    mmsi: int,
    *,
    ship_type: int = 0,
    vendor: str = "",
    vendor_model: int = 0,
    vendor_serial: int = 0,
    callsign: str = "",
    dimensions: Dimensions = UNKNOWN,
    position_device: int = 1,
    repeat: int = 0,
) -> Payload:
    """Encode class B static data, part B (type 24)."""
    return pack(
        *_head(24, mmsi, repeat),
        ("part", 1, 2),
        ("ship_type", ship_type, 8),
        text("vendor", vendor, 3),
        ("vendor_model", vendor_model, 4),
        ("vendor_serial", vendor_serial, 20),
        text("callsign", callsign, 7),
        *dimensions.fields(),
        ("position_device", position_device, 4),
        ("spare", 0, 2),
    )


def base_station(
    mmsi: int,
    *,
    time_s: int,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    position_accuracy_high: bool = True,
    position_device: int = 7,
    raim: bool = False,
    radio_status: int = 0,
    repeat: int = 0,
) -> Payload:
    """Encode a base station report (type 4) at Unix time ``time_s``; device 7 is a surveyed place."""
    moment = datetime.fromtimestamp(time_s, UTC)
    return pack(
        *_head(4, mmsi, repeat),
        ("year", moment.year, 14),
        ("month", moment.month, 4),
        ("day", moment.day, 5),
        ("hour", moment.hour, 5),
        ("minute", moment.minute, 6),
        ("second", moment.second, 6),
        ("position_accuracy_high", int(position_accuracy_high), 1),
        *_place(lat_deg, lon_deg),
        ("position_device", position_device, 4),
        ("spare", 0, 10),
        ("raim", int(raim), 1),
        ("radio_status", radio_status, 19),
    )


def aid_to_navigation(
    mmsi: int,
    *,
    aid_type: int = 0,
    name: str = "",
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    position_accuracy_high: bool = False,
    dimensions: Dimensions = UNKNOWN,
    position_device: int = 7,
    utc_second: int | None = None,
    off_position: bool = False,
    raim: bool = False,
    virtual: bool = False,
    repeat: int = 0,
) -> Payload:
    """Encode an aid-to-navigation report (type 21) without name extension."""
    return pack(
        *_head(21, mmsi, repeat),
        ("aid_type", aid_type, 5),
        text("name", name, 20),
        ("position_accuracy_high", int(position_accuracy_high), 1),
        *_place(lat_deg, lon_deg),
        *dimensions.fields(),
        ("position_device", position_device, 4),
        ("utc_second", 60 if utc_second is None else utc_second, 6),
        ("off_position", int(off_position), 1),
        ("aid_status", 0, 8),
        ("raim", int(raim), 1),
        ("virtual", int(virtual), 1),
        ("assigned", 0, 1),
        ("spare", 0, 1),
    )


def position_long_range(
    mmsi: int,
    *,
    lat_deg: float | None = None,
    lon_deg: float | None = None,
    sog_kn: float | None = None,
    cog_deg: float | None = None,
    nav_status: int | None = None,
    position_accuracy_high: bool = False,
    raim: bool = False,
    old_fix: bool = False,
    repeat: int = 0,
) -> Payload:
    """Encode a long-range report for satellites (type 27): steps of 0.1 minute, 1 kn and 1 degree."""
    return pack(
        *_head(27, mmsi, repeat),
        ("position_accuracy_high", int(position_accuracy_high), 1),
        ("raim", int(raim), 1),
        ("nav_status", 15 if nav_status is None else nav_status, 4),
        *_place(lat_deg, lon_deg, steps_per_deg=600, narrower_by=10),
        ("sog_kn", 63 if sog_kn is None else within("sog_kn", round(sog_kn), 0, 62), 6),
        ("cog_deg", 511 if cog_deg is None else within("cog_deg", round(cog_deg) % 360, 0, 359), 9),
        ("old_fix", int(old_fix), 1),
        ("spare", 0, 1),
    )


def _head(msg_type: int, mmsi: int, repeat: int) -> tuple[Field, ...]:
    return (
        ("msg_type", msg_type, 6),
        ("repeat", repeat, 2),
        ("mmsi", within("mmsi", mmsi, 0, 999_999_999), 30),
    )


def _motion_b(
    lat_deg: float | None,
    lon_deg: float | None,
    sog_kn: float | None,
    cog_deg: float | None,
    heading_deg: float | None,
    utc_second: int | None,
    accurate: bool,
) -> tuple[Field, ...]:
    """Give what types 18 and 19 share after the MMSI."""
    return (
        ("spare", 0, 8),
        ("sog_kn", _sog(sog_kn), 10),
        ("position_accuracy_high", int(accurate), 1),
        *_place(lat_deg, lon_deg),
        ("cog_deg", _cog(cog_deg), 12),
        ("heading_deg", _heading(heading_deg), 9),
        ("utc_second", 60 if utc_second is None else utc_second, 6),
    )


def _place(
    lat_deg: float | None, lon_deg: float | None, *, steps_per_deg: int = 600_000, narrower_by: int = 0
) -> tuple[Field, Field]:
    """Give longitude and latitude; a missing one is 181 or 91 degrees."""
    lon = 181.0 if lon_deg is None else within("lon_deg", lon_deg, -180.0, 180.0)
    lat = 91.0 if lat_deg is None else within("lat_deg", lat_deg, -90.0, 90.0)
    return (
        ("lon_deg", round(lon * steps_per_deg), -(28 - narrower_by)),
        ("lat_deg", round(lat * steps_per_deg), -(27 - narrower_by)),
    )


def _sog(sog_kn: float | None) -> int:
    """Give tenths of a knot; 102.2 stands for that and more."""
    return 1023 if sog_kn is None else min(round(within("sog_kn", sog_kn, 0.0, 1e4) * 10), 1022)


def _cog(cog_deg: float | None) -> int:
    """Give tenths of a degree; 359.96 rounds to north, not to 3600, which means missing."""
    return 3600 if cog_deg is None else round(within("cog_deg", cog_deg, 0.0, 360.0) * 10) % 3600


def _heading(heading_deg: float | None) -> int:
    return 511 if heading_deg is None else round(within("heading_deg", heading_deg, 0.0, 360.0)) % 360


def _rot(rot_deg_min: float | None) -> int:
    """Give the turn indicator 4.733 sqrt(rate), at most 126 (708 degrees a minute); -128 is missing."""
    if rot_deg_min is None:
        return -128
    return int(copysign(min(round(4.733 * sqrt(abs(rot_deg_min))), 126), rot_deg_min))
