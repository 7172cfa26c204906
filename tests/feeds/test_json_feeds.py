"""Digitraffic and aisstream.io: documents, snapshots, live messages."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from seavigil.feeds.formats import Receiver, aisstream, generic
from seavigil.feeds.formats.digitraffic import DigitrafficReceiver
from seavigil.records import Decoded, TimeSource
from tests.feeds.cutting import RECEIVED_US, every_step, feed

#: As the Digitraffic MQTT documentation lays the messages out (values invented).
LOCATION = {
    "time": 1668075025,
    "sog": 10.7,
    "cog": 326.6,
    "navStat": 0,
    "rot": 5,
    "posAcc": True,
    "raim": False,
    "heading": 325,
    "lon": 20.345818,
    "lat": 60.03802,
}
METADATA = {
    "timestamp": 1668075026035,
    "destination": "TURKU",
    "name": "ANNA",
    "draught": 68,
    "eta": 811520,
    "posType": 15,
    "refA": 160,
    "refB": 33,
    "refC": 20,
    "refD": 12,
    "callSign": "OIAB",
    "imo": 9000001,
    "type": 70,
}


def digitraffic(value: Any) -> Decoded:
    """Read one JSON document."""
    return feed(DigitrafficReceiver("fi"), json.dumps(value).encode())


def test_live_messages_take_their_ship_from_the_topic() -> None:
    """A location message says all but whose it is; the topic has the MMSI."""
    receiver = DigitrafficReceiver("mqtt")
    decoded = receiver.message(
        "vessels-v2/230000001/location", json.dumps(LOCATION).encode(), received_us=RECEIVED_US
    )
    (row,) = decoded.reports.to_pylist()
    assert (row["mmsi"], row["lat_deg"], row["lon_deg"], row["sog_kn"]) == (
        230000001,
        60.03802,
        20.345818,
        10.7,
    )
    assert row["time_us"] == datetime.fromtimestamp(1668075025, UTC)
    assert row["position_accuracy_high"] is True
    assert row["raim"] is False
    assert row["rot_deg_min"] == pytest.approx(1.116, abs=1e-3)  # (5 / 4.733) squared


def test_recorded_messages_are_lines_of_topic_and_payload() -> None:
    """A recording of messages gives what the live messages gave, payload as object or as text."""
    topic = "vessels-v2/230000001/location"
    live = DigitrafficReceiver("mqtt").message(topic, json.dumps(LOCATION).encode(), received_us=RECEIVED_US)
    for payload in (LOCATION, json.dumps(LOCATION)):
        decoded = digitraffic({"topic": topic, "payload": payload})
        ids = decoded.reports["report_id"].to_pylist()
        assert ids == live.reports["report_id"].to_pylist()


def test_metadata_message() -> None:
    """Draught comes in decimetres, ETA packed in 20 bits (12-12 08:00 is 811520), size as A to D."""
    decoded = digitraffic({"topic": "vessels-v2/230000001/metadata", "payload": METADATA})
    (row,) = decoded.vessels.to_pylist()
    want = {
        "mmsi": 230000001,
        "imo": 9000001,
        "name": "ANNA",
        "callsign": "OIAB",
        "ship_type": 70,
        "length_m": 193.0,
        "beam_m": 32.0,
        "draught_m": 6.8,
        "destination": "TURKU",
        "eta": "12-12T08:00",
    }
    assert {k: row[k] for k in want} == want
    assert decoded.reports.num_rows == 0


def test_other_topics_are_counted() -> None:
    """Status messages of the broker are no rejects."""
    decoded = digitraffic({"topic": "vessels-v2/status", "payload": {}})
    assert decoded.counts == {"rows": 1, "other_messages": 1}


@pytest.mark.parametrize(
    ("topic", "payload", "fault"),
    [
        ("vessels-v2/230000001/location", b"{", "bad_json"),
        ("vessels-v2/0/location", b"{}", "bad_mmsi"),
        ("vessels-v2/230000001/location", b'{"time": "x"}', "bad_time"),
        ("vessels-v2/230000001/location", b'{"lat": "x"}', "bad_number"),
        ("vessels-v2/230000001/location", b'{"lat": NaN}', "bad_json"),
        ("vessels-v2/230000001/location", b'{"lat": 1e999}', "bad_number"),
        ("vessels-v2/230000001/location", b"[" * 9_000, "bad_json"),
    ],
)
def test_bad_messages_are_rejected(topic: str, payload: bytes, fault: str) -> None:
    """A broken message is one reject with its bytes."""
    decoded = DigitrafficReceiver("mqtt").message(topic, payload, received_us=RECEIVED_US)
    assert decoded.rejects["fault"].to_pylist() == [fault]
    assert decoded.reports.num_rows == 0


def test_no_time_is_the_time_of_receipt_and_says_so() -> None:
    """A message without a time takes ours, marked RECEIVED."""
    fields = {k: v for k, v in LOCATION.items() if k != "time"}
    decoded = digitraffic({"topic": "vessels-v2/230000001/location", "payload": fields})
    assert decoded.reports["time_source"].to_pylist() == [TimeSource.RECEIVED]
    assert decoded.reports["time_us"].cast("int64").to_pylist() == [RECEIVED_US]


def test_real_features_against_the_json_module(shared_data: Path) -> None:
    """The bare array, a FeatureCollection of it and one feature a line give the same reports."""
    data = gzip.decompress(
        (shared_data / "ais" / "fi-digitraffic" / "locations-20250303.json.gz").read_bytes()
    )
    features = json.loads(data)
    wrapped = json.dumps(
        {"type": "FeatureCollection", "dataUpdatedTime": "x", "features": features, "n": {"a": 1}}
    )
    lines = "\n".join(json.dumps(f) for f in features)
    want = [f["geometry"]["coordinates"][0] for f in features]
    headings = [f["properties"]["heading"] for f in features if f["properties"]["heading"] != 511]
    for form in (data, wrapped.encode(), lines.encode()):
        decoded = feed(DigitrafficReceiver("fi"), form, [5, 1_000])
        reports = decoded.reports.to_pydict()
        assert (len(features), decoded.rejects.num_rows) == (decoded.reports.num_rows, 0)
        assert reports["lon_deg"] == [lon if lon != 181 else None for lon in want]
        assert [h for h in reports["heading_deg"] if h is not None] == headings
        ms = [t.timestamp() * 1000 for t in reports["time_us"]]
        assert ms == [f["properties"]["timestampExternal"] for f in features]


def test_real_snapshot_against_the_json_module(shared_data: Path) -> None:
    """Every vessel has the snapshot's time, a report, and its name up to the first ``@`` (M.1371)."""
    file = shared_data / "ais" / "fi-digitraffic" / "locations-metadata-20251212.json.gz"
    data = gzip.decompress(file.read_bytes())
    document = json.loads(data)
    decoded = feed(DigitrafficReceiver("fi"), data)
    assert decoded.reports.num_rows == len(document["vessels"]) == 7_762
    assert decoded.rejects.num_rows == 0
    assert set(decoded.reports["time_us"].to_pylist()) == {datetime.fromisoformat(document["timestamp"])}
    names = {v["mmsi"]: (v.get("name") or "").split("@")[0].strip() for v in document["vessels"]}
    named = {m: n for m, n in names.items() if n}
    vessels = decoded.vessels.to_pydict()
    told = {m: n for m, n in zip(vessels["mmsi"], vessels["name"], strict=True) if n}
    assert told == named


def test_cut_off_document_says_so() -> None:
    """What came before the end is read; the missing end is a reject."""
    data = (
        b'{"timestamp": "2025-12-12T00:00:00Z", "vessels": [{"mmsi": 1, "lat": 1, "lon": 2}, {"mmsi": 2, "l'
    )
    decoded = feed(DigitrafficReceiver("fi"), data)
    assert decoded.reports["mmsi"].to_pylist() == [1]
    assert decoded.rejects["fault"].to_pylist() == ["cut_short"]


def test_broken_lines_do_not_cost_their_neighbours() -> None:
    """An open brace, an open string and plain words each cost only their own line."""
    good = json.dumps({"topic": "vessels-v2/230000001/location", "payload": LOCATION})
    broken = ['{"topic": "vessels', '{"topic": 1, "payload": {"lat": 1}', "hello", '{"a": [1}', "}"]
    for bad in broken:
        decoded = feed(DigitrafficReceiver("fi"), "\n".join([good, bad, good]).encode())
        assert decoded.reports.num_rows == 2, bad
        assert decoded.rejects.num_rows == 1, bad


def message(kind: str, body: dict[str, Any], **meta: Any) -> dict[str, Any]:
    """Give a message as aisstream.io lays it out (values invented)."""
    return {
        "MessageType": kind,
        "MetaData": {"MMSI": 259000001, "time_utc": "2022-12-29 18:22:32.318353 +0000 UTC", **meta},
        "Message": {kind: {"UserID": 259000001, "Valid": True, **body}},
    }


def stream(*messages: Any) -> Decoded:
    """Read messages, one a line."""
    return feed(aisstream.AisstreamReceiver("ws"), "\n".join(map(json.dumps, messages)).encode())


POSITION = {
    "MessageID": 3,
    "Sog": 12.5,
    "Cog": 359.9,
    "TrueHeading": 511,
    "RateOfTurn": -128,
    "Timestamp": 31,
    "NavigationalStatus": 15,
    "PositionAccuracy": True,
    "Raim": False,
    "Latitude": 66.5,
    "Longitude": 12.25,
}


def test_aisstream_position() -> None:
    """A position report has the provider's time to the microsecond and nulls for "not available"."""
    decoded = stream(message("PositionReport", POSITION, ShipName="ANNA   "))
    (row,) = decoded.reports.to_pylist()
    assert row["time_us"] == datetime(2022, 12, 29, 18, 22, 32, 318353, tzinfo=UTC)
    want = {
        "mmsi": 259000001,
        "msg_type": 3,
        "transceiver": 1,
        "lat_deg": 66.5,
        "lon_deg": 12.25,
        "sog_kn": 12.5,
        "cog_deg": 359.9,
        "heading_deg": None,
        "rot_deg_min": None,
        "nav_status": None,
        "utc_second": 31,
    }
    assert {k: row[k] for k in want} == want
    assert decoded.vessels["name"].to_pylist() == ["ANNA"]


def test_aisstream_ship_name_is_told_once() -> None:
    """The name that comes with every position makes a vessel row only when it is new."""
    one, two = (message("PositionReport", POSITION, ShipName=n) for n in ("ANNA", "BERTA"))
    decoded = stream(one, one, two, two, message("PositionReport", POSITION, ShipName=""))
    assert decoded.reports.num_rows == 5
    assert decoded.vessels["name"].to_pylist() == ["ANNA", "BERTA"]


def test_aisstream_static_data() -> None:
    """Messages 5, 24 and 19 give static data in metres; unset ETA is null."""
    size = {"A": 150, "B": 30, "C": 10, "D": 15}
    decoded = stream(
        message(
            "ShipStaticData",
            {
                "MessageID": 5,
                "ImoNumber": 9000001,
                "CallSign": "LAAB",
                "Name": "ANNA@@@",
                "Type": 70,
                "Dimension": size,
                "MaximumStaticDraught": 7.1,
                "Destination": "OSLO  ",
                "Eta": {"Month": 1, "Day": 31, "Hour": 24, "Minute": 60},
            },
        ),
        message(
            "StaticDataReport",
            {
                "MessageID": 24,
                "ReportA": {"Valid": True, "Name": "BERTA"},
                "ReportB": {"Valid": False, "ShipType": 1, "CallSign": "X"},
            },
        ),
        message(
            "ExtendedClassBPositionReport",
            {**POSITION, "MessageID": 19, "Name": "CARL", "Type": 36, "Dimension": size},
        ),
    )
    rows = decoded.vessels.to_pylist()
    assert [r["name"] for r in rows] == ["ANNA", "BERTA", "CARL"]
    assert (rows[0]["length_m"], rows[0]["draught_m"], rows[0]["eta"]) == (180.0, 7.1, None)
    assert rows[0]["destination"] == "OSLO"
    assert (rows[1]["callsign"], rows[2]["ship_type"], rows[2]["transceiver"]) == (None, 36, 2)
    assert decoded.reports.num_rows == 1


def test_aisstream_others_and_bad_ones() -> None:
    """Kinds without ship data are counted; invalid and shapeless messages are rejects."""
    decoded = stream(
        message("Interrogation", {}),
        message("PositionReport", {"Valid": False}),
        {"MessageType": "PositionReport"},
        {"error": "no key"},
        message("PositionReport", POSITION, time_utc="yesterday"),
    )
    assert decoded.counts == {"rows": 5, "other_messages": 1}
    assert decoded.rejects["fault"].to_pylist() == ["invalid_message", "no_message", "no_message", "bad_time"]


def test_aisstream_array() -> None:
    """Messages in one array read like messages in lines."""
    messages = [message("PositionReport", POSITION), message("PositionReport", POSITION)]
    data = json.dumps(messages, indent=2).encode()
    assert feed(aisstream.AisstreamReceiver("ws"), data).reports.num_rows == 2


NOTHING = [b"{}", b"[]", b"[ ]\n", b"[", b"[{}]"]


@pytest.mark.parametrize("step", [1, 100])
@pytest.mark.parametrize("text", NOTHING)
@pytest.mark.parametrize(
    "open_receiver", [generic.open_json_receiver, DigitrafficReceiver, aisstream.AisstreamReceiver]
)
def test_a_recording_with_nothing_in_it_is_a_reject(
    open_receiver: Callable[[str], Receiver], text: bytes, step: int
) -> None:
    """A download that failed leaves such files: taken for a calm sea, nobody would look again."""
    decoded = every_step(open_receiver, text, step)
    assert decoded.rejects["fault"].to_pylist() == ["no_message"]
    assert decoded.rejects["detail"].to_pylist()[0]


@pytest.mark.parametrize("text", [b"", b" \n", b'{"vessels": []}'])
def test_near_miss_an_answer_that_names_no_ship_is_no_reject(text: bytes) -> None:
    """A provider that says in its own form that nobody is there has answered."""
    assert feed(DigitrafficReceiver("fi"), text).rejects.num_rows == 0


def test_an_empty_object_is_a_reject_wherever_it_comes() -> None:
    """Before the first names are known as after, and its neighbours are read."""
    ship = b'{"mmsi": 299000001, "lat": 59, "lon": 20, "time": "2025-01-01T00:00:00Z"}\n'
    decoded = feed(generic.open_json_receiver("x"), b"{}\n" + ship + b"{}\n" + ship)
    assert decoded.reports.num_rows == 2
    assert decoded.rejects["fault"].to_pylist() == ["no_message"] * 2
