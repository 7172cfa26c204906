"""Results appear all together or not at all."""

from __future__ import annotations

import errno
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from seavigil.records import REJECTS, Reject, rejects_table
from seavigil.store.disk import named
from seavigil.store.results import ALERTS, Results

REJECTED = rejects_table([Reject(3, "checksum", b"!AIVDM", "said 55")], "a.nmea")


def alerts(*revisions: tuple[str, int]) -> pa.Table:
    """Give rows of (alert id, revision)."""
    when = dict.fromkeys(("began_us", "detected_at_us", "revised_at_us"), 0)
    rows = [
        {
            **when,
            "alert_id": alert_id,
            "revision": revision,
            "status": "open",
            "priority": "info",
            "json": json.dumps({"alert_id": alert_id, "revision": revision}),
        }
        for alert_id, revision in revisions
    ]
    return pa.Table.from_pylist(rows, schema=ALERTS)


def test_committed_results_are_there(tmp_path: Path) -> None:
    """After a commit every table is there, empty ones too, with nothing beside them."""
    with Results(tmp_path / "new/out") as results:
        results.add("rejects", REJECTED)
        results.write_json("summary.json", {"reports": 0})
        written = results.commit()
    names = ["alerts", "events", "rejects", "reports", "vessels"]
    assert [p.name for p in written] == [f"{n}.parquet" for n in names[:4]] + [
        "summary.json",
        "vessels.parquet",
    ]
    assert sorted(written) == sorted((tmp_path / "new/out").iterdir())
    assert pq.read_table(written[2]).equals(REJECTED.cast(REJECTS))


def test_nothing_before_the_commit(tmp_path: Path) -> None:
    """Until the commit only a hidden folder is there; without one nothing stays."""
    with Results(tmp_path) as results:
        results.add("rejects", REJECTED)
        assert [p.name[:18] for p in tmp_path.iterdir()] == [".seavigil-partial-"]
    assert list(tmp_path.iterdir()) == []


def test_a_fault_takes_back_the_folders_made(tmp_path: Path) -> None:
    """Folders made for the results go with them; what others put there stays."""
    with pytest.raises(KeyboardInterrupt), Results(tmp_path / "a/b/c"):
        raise KeyboardInterrupt
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(KeyboardInterrupt), Results(tmp_path / "a/b"):
        _interrupted_beside(tmp_path / "a/mine")
    assert [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*")] == ["a", "a/mine"]


def _interrupted_beside(path: Path) -> None:
    path.write_text("")
    raise KeyboardInterrupt


def test_newest_alerts(tmp_path: Path) -> None:
    """Each alert comes once, as its last revision had it, also from many row groups."""
    with Results(tmp_path) as results:
        results.add("alerts", alerts(("x", 1), ("y", 1)))
        results.add("alerts", alerts(("x", 2)))
        results.add("alerts", alerts(("z", 1), ("x", 3)))
        found = [(line["alert_id"], line["revision"]) for line in results.newest_alerts()]
        results.commit()
    assert found == [("y", 1), ("z", 1), ("x", 3)]
    assert pq.read_table(tmp_path / "alerts.parquet").num_rows == 5


@pytest.mark.parametrize("count", [0, 1, 3])
def test_geojson(count: int, tmp_path: Path) -> None:
    """A FeatureCollection is well formed with none, one or many features (RFC 7946, section 3.3)."""
    features = [{"type": "Feature", "geometry": None, "properties": {"name": "Å"}}] * count
    with Results(tmp_path) as results:
        results.write_geojson("alerts.geojson", features)
        results.commit()
    text = (tmp_path / "alerts.geojson").read_text(encoding="utf-8")
    assert json.loads(text) == {"type": "FeatureCollection", "features": features}


def test_faults_without_a_name_get_one(tmp_path: Path) -> None:
    """An error of the file system that names no file names the folder; one that does is left alone."""
    with pytest.raises(OSError, match="No space left on device") as caught, named(tmp_path):
        raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28]")
    assert (caught.value.errno, caught.value.filename) == (errno.ENOSPC, str(tmp_path))
    with pytest.raises(FileNotFoundError) as caught_named, named(tmp_path):
        (tmp_path / "missing").open()
    assert caught_named.value.filename == str(tmp_path / "missing")
    with pytest.raises(OSError, match="no number") as unnumbered, named(tmp_path):
        raise OSError("no number")
    assert unnumbered.value.filename is None
