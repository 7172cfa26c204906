"""Files of depths: both forms, signs, broken rows, any bytes."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.inputs import UnreadableSurroundings, read_depth


def test_a_table_of_soundings(tmp_path: Path) -> None:
    """Named columns in any order, gzipped as well; a bad row is told with its line."""
    path = tmp_path / "depth.csv.gz"
    path.write_bytes(gzip.compress(b"depth_m,lat_deg,lon_deg\n40,59,24\n,59,24\n60,95,24\n20000,59,24\n"))
    read = read_depth(path)
    assert read.depth.at([59.0], [24.0]).tolist() == [40.0]
    assert [(f.asset, f.message) for f in read.findings] == [
        ("line 3", "no depth"),
        ("line 4", "position 95, 24 is out of range"),
        ("line 5", "depth 20000 m cannot be"),
    ]


def test_bare_numbers_are_longitude_latitude_depth(tmp_path: Path) -> None:
    """As grids are exported; heights below zero are depths, and the one islet stays above the water."""
    path = tmp_path / "grid.xyz"
    path.write_text("24.0 59.0 -40\n24.1,59.0,-50\n24.2;59.0;3\n")
    depth = read_depth(path).depth
    assert depth.at([59.0, 59.0, 59.0], [24.0, 24.1, 24.2]).tolist() == [40.0, 50.0, -3.0]


def test_columns_of_other_names_are_refused(tmp_path: Path) -> None:
    """Which of two unknown columns is the latitude is not guessed: the error names those wanted."""
    path = tmp_path / "depth.csv"
    path.write_text("latitude,longitude,depth\n59,24,40\n")
    with pytest.raises(UnreadableSurroundings, match="no column lat_deg, lon_deg, depth_m"):
        read_depth(path)


def test_many_bad_rows_are_counted(tmp_path: Path) -> None:
    """Twenty are named one by one, the other eighty in one line."""
    path = tmp_path / "depth.csv"
    path.write_text("lat_deg,lon_deg,depth_m\n59,24,40\n" + "x,24,40\n" * 100)
    findings = read_depth(path).findings
    assert len(findings) == 21
    assert findings[-1].message == "80 more rows of this kind"


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_one_way(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    """Whatever a file holds, every depth that comes of it could be one."""
    path = tmp_path_factory.mktemp("any") / "x.xyz"
    path.write_text(text, encoding="utf-8", errors="replace")
    try:
        depths = read_depth(path).depth.depth_m
    except UnreadableSurroundings:
        depths = []
    assert all(abs(d) <= 11_000 for d in depths)
