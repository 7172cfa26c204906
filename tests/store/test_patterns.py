"""A pattern of life on disk: it comes back as it was, and a broken folder is named in one line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from seavigil.normal.pattern_history import SCHEMAS, History
from seavigil.store import patterns
from seavigil.store.patterns import Learned, Source


def history(ships: int = 3) -> History:
    """Give a small history: each ship on one day in one cell."""
    n = np.arange(ships)
    counts = {"ship_bins": n + 1, "reports": 10 * (n + 1)}
    flags = {"judged": n > 0, "slowed": n > 1, "anchored": n > 1}
    columns = {"day": n * 0 + 20_089, "ship": n + 256, "cell": n + 5, "fine_cell": n + 500}
    values = {**columns, **counts, **flags}
    return History(
        **{
            name: pl.DataFrame([pl.Series(c, values.get(c, n)).cast(kind) for c, kind in schema.items()])
            for name, schema in SCHEMAS.items()
        }
    )


LEARNED = Learned(history(), (Source("monday.csv", "ab12", 400), Source("-", None, 3)), {"urgent": 2})


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """Tables, sources and rates survive the disk; the manifest counts ships by day, and ship-days."""
    patterns.write(tmp_path / "new" / "normal", LEARNED)
    back = patterns.read(tmp_path / "new" / "normal")
    assert back.history.equals(LEARNED.history)
    assert (back.sources, back.rates) == (LEARNED.sources, LEARNED.rates)
    manifest = json.loads((tmp_path / "new" / "normal" / "manifest.json").read_text())
    assert manifest["days"] == {"2025-01-01": 3}
    assert manifest["ship_days"] == pytest.approx((1 + 2 + 3) / 288, abs=1e-3)


def test_rates_are_put_beside_it(tmp_path: Path) -> None:
    """Rates come later than the history, from risk, and are given with the pattern."""
    patterns.write(tmp_path, Learned(history()))
    assert patterns.pattern(tmp_path)[1] is None
    patterns.write_rates(tmp_path, {"warning": 1})
    pattern, rates = patterns.pattern(tmp_path)
    assert (pattern.days, rates) == (1, {"warning": 1})


def test_writing_again_leaves_no_old_tables(tmp_path: Path) -> None:
    """The folder holds the new state alone, and what others put there."""
    (tmp_path / "notes.txt").write_text("mine")
    patterns.write(tmp_path, LEARNED)
    patterns.write(tmp_path, Learned(history(ships=5)))
    assert len(list(tmp_path.glob("*.parquet"))) == len(SCHEMAS)
    assert patterns.read(tmp_path).history.held.height == 5
    assert (tmp_path / "notes.txt").exists()


def test_a_write_that_fails_leaves_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The disk fills before the manifest is there: the old state is still whole."""
    patterns.write(tmp_path, LEARNED)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(patterns, "_put", full)
    with pytest.raises(OSError, match="No space left") as raised:
        patterns.write(tmp_path, Learned(history(ships=5)))
    assert raised.value.filename == str(tmp_path)
    assert patterns.read(tmp_path).history.held.height == 3


def _table(folder: Path) -> Path:
    return next(folder.glob("speeds-*.parquet"))


def _edit(**changes: object) -> Callable[[Path], object]:
    def edit(folder: Path) -> None:
        path = folder / "manifest.json"
        path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))

    return edit


BROKEN: dict[str, tuple[Callable[[Path], object], str]] = {
    "no manifest": (lambda f: (f / "manifest.json").unlink(), "no pattern of life in it"),
    "no JSON": (lambda f: (f / "manifest.json").write_text("{"), "no JSON"),
    "other JSON": (lambda f: (f / "manifest.json").write_text("[1]"), "not the manifest"),
    "newer": (_edit(version=99), "version 99"),
    "no tables": (_edit(tables=None), "incomplete"),
    "odd sources": (_edit(sources=[{"name": "x"}]), "incomplete"),
    "odd rates": (_edit(rates=[1]), "incomplete"),
    "table gone": (lambda f: _table(f).unlink(), "it is not there"),
    "table cut": (lambda f: _table(f).write_bytes(_table(f).read_bytes()[:50]), "cannot be read as Parquet"),
    "table of others": (lambda f: pl.DataFrame({"a": [1]}).write_parquet(_table(f)), "not the table"),
}


@pytest.mark.parametrize(("spoil", "said"), BROKEN.values(), ids=BROKEN)
def test_a_broken_folder_is_named_in_one_line(
    spoil: Callable[[Path], object], said: str, tmp_path: Path
) -> None:
    """Whatever is wrong, the error is a ValueError of one line that names the folder and the fault."""
    patterns.write(tmp_path, LEARNED)
    spoil(tmp_path)
    with pytest.raises(ValueError, match=said) as raised:
        patterns.read(tmp_path)
    assert str(tmp_path) in str(raised.value)
    assert "\n" not in str(raised.value)
