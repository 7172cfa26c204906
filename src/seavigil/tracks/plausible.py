"""What a single row tells of itself: a position that cannot be, a speed that cannot be, not a ship."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from seavigil.records import Flag, Transceiver
from seavigil.tracks.params import TrackParams

F64 = NDArray[np.float64]
U8 = NDArray[np.uint8]
U32 = NDArray[np.uint32]
Bool = NDArray[np.bool_]

_NOT_SHIPS = (Transceiver.BASE_STATION, Transceiver.AID_TO_NAVIGATION, Transceiver.SAR_AIRCRAFT)


def not_a_ship(mmsi: U32, transceiver: U8) -> Bool:
    """Tell rows of base stations, aids to navigation, SAR aircraft and distress beacons.

    By the kind of station, or by the form of the number (ITU-R M.585-9): 111MIDxxx SAR aircraft,
    99MIDxxxx aids to navigation, 970 AIS-SART, 972 man overboard, 974 EPIRB-AIS, and, where the
    kind is unknown (``transceiver`` 0), 00MIDxxxx coast stations. Craft of a parent ship
    (98MIDxxxx) and class A or B under any other number count as ships: a wrong number does not
    make a ship harmless.
    """
    first3 = mmsi // 1_000_000
    coast = (transceiver == 0) & (mmsi < 10_000_000) & (mmsi >= 2_010_000)
    form = coast | np.isin(first3, (111, 970, 972, 974)) | (mmsi // 10_000_000 == 99)
    return np.asarray(form | np.isin(transceiver, _NOT_SHIPS))


def top_speed_kn(transceiver: U8, params: TrackParams) -> F64:
    """Give the speed no craft with that transceiver reaches; the class A limit where it is unknown."""
    class_b = transceiver == Transceiver.CLASS_B
    return np.where(class_b, params.top_speed_class_b_kn, params.top_speed_class_a_kn)


def row_flags(
    lat_deg: F64, lon_deg: F64, sog_kn: F64, mmsi: U32, transceiver: U8, params: TrackParams
) -> U32:
    """Give the flags that need no other row; NaN is "not available".

    A SOG at or above 102.2 kn is the field's "102.2 kn or higher" (ITU-R M.1371-5, table 48): no
    measurement, so IMPOSSIBLE_SPEED like everything above ``top_speed_kn``.
    """
    ship = ~not_a_ship(mmsi, transceiver)
    missing = np.isnan(lat_deg) | np.isnan(lon_deg)
    outside = (np.abs(lat_deg) > 90) | (np.abs(lon_deg) > 180) | ((lat_deg == 0) & (lon_deg == 0))
    fast = ship & ((sog_kn > top_speed_kn(transceiver, params)) | (sog_kn >= 102.2) | (sog_kn < 0))
    flags = np.where(missing, Flag.NO_POSITION, 0) | np.where(~missing & outside, Flag.IMPOSSIBLE_POSITION, 0)
    flags = flags | np.where(fast, Flag.IMPOSSIBLE_SPEED, 0) | np.where(ship, 0, Flag.NOT_A_SHIP)
    return flags.astype(np.uint32)
