"""Where the fuzzer starts: a few invented records of each format, ships and places made up."""

from __future__ import annotations

import json
from functools import reduce
from operator import xor


def _sum(text: str) -> str:
    """Give ``text`` with its NMEA 0183 checksum: all characters between the start and * by exclusive or."""
    return f"{text}*{reduce(xor, text.lstrip('!$').encode()):02X}"


_NMEA = (
    _sum("$GPZDA,102559.00,25,12,2024,00,00"),
    f"\\{_sum('s:station7,c:1735122360')}\\{_sum('!AIVDM,1,1,,A,13aEOK?P00PD2wVMdLDRhgvL289?,0')}",
    _sum("$GPRMC,102600.00,A,5936.600,N,02455.200,E,0.1,91.0,251224,,,A"),
    _sum("$PGHP,1,2024,12,25,10,26,0,0,,2,,1,26"),
    _sum("!AIVDM,2,1,3,B,55P5TL01VIaAL@7WKO@mBplU@<PDhh000000001S;AJ::4A80?4i@E53,0"),
    _sum("!AIVDM,2,2,3,B,1@0000000000000,2"),
    _sum("!BSVDM,1,1,,B,B43JRq00LhTWc5VejDI>wwWUoP06,0") + ",r003669930,1735122361",
)
_DMA = (
    "# Timestamp,Type of mobile,MMSI,Latitude,Longitude,Navigational status,ROT,SOG,COG,Heading,IMO,"
    "Callsign,Name,Ship type,Cargo type,Width,Length,Type of position fixing device,Draught,Destination,"
    "ETA,Data source type,A,B,C,D\n"
    "25/12/2024 10:26:00,Class A,230123450,59.610000,24.920000,Under way using engine,0.0,10.2,91.0,90,"
    "Unknown,OHAB,EXAMPLE,Cargo,,20,120,GPS,7.5,NOWHERE,,AIS,100,20,10,10\n"
)
_MARINE_CADASTRE = (
    "MMSI,BaseDateTime,LAT,LON,SOG,COG,Heading,VesselName,IMO,CallSign,VesselType,Status,Length,Width,"
    "Draft,Cargo,TransceiverClass\n"
    "366123450,2023-01-11T00:00:01,29.10,-90.20,10.2,-200.5,511,EXAMPLE,,WXY,70,0,120,20,7.5,70,A\n"
)
_FEATURE = {
    "mmsi": 230123450,
    "type": "Feature",
    "geometry": {"type": "Point", "coordinates": [24.92, 59.61]},
    "properties": {
        "mmsi": 230123450,
        "sog": 10.2,
        "cog": 91.0,
        "navStat": 0,
        "rot": 0,
        "posAcc": True,
        "raim": False,
        "heading": 90,
        "timestamp": 12,
        "timestampExternal": 1735122360000,
    },
}
_TOPIC = {
    "topic": "vessels-v2/230123450/location",
    "payload": {"time": 1735122360, "sog": 10.2, "cog": 91.0, "navStat": 0, "lon": 24.92, "lat": 59.61},
}
_STREAM = {
    "MessageType": "PositionReport",
    "MetaData": {"MMSI": 230123450, "ShipName": "EXAMPLE", "time_utc": "2024-12-25 10:26:00.5 +0000 UTC"},
    "Message": {
        "PositionReport": {
            "UserID": 230123450,
            "Latitude": 59.61,
            "Longitude": 24.92,
            "Sog": 10.2,
            "Cog": 91.0,
            "TrueHeading": 90,
            "NavigationalStatus": 0,
            "MessageID": 1,
            "Valid": True,
        }
    },
}
_TABLE = "time,mmsi,lat,lon,sog,cog\n2024-12-25T10:26:00Z,230123450,59.61,24.92,10.2,91.0\n"
_OBJECT = {"time": "2024-12-25T10:26:00Z", "mmsi": 230123450, "lat": 59.61, "lon": 24.92, "sog": 10.2}


def _collection(*features: object) -> bytes:
    return json.dumps({"type": "FeatureCollection", "features": features}).encode()


def seeds() -> list[bytes]:
    """Give one example of each format, as its provider would write it."""
    lines = ["\r\n".join([*_NMEA, ""]).encode(), _DMA.encode(), _MARINE_CADASTRE.encode(), _TABLE.encode()]
    objects = [json.dumps(value).encode() + b"\n" for value in (_FEATURE, _TOPIC, _STREAM, _OBJECT)]
    return [*lines, *objects, _collection(_FEATURE, _FEATURE)]
