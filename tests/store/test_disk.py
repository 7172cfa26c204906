"""Files that are whole or not there."""

from __future__ import annotations

from pathlib import Path

import pytest

from seavigil.store.disk import write_whole


def test_a_file_is_written_with_its_folders_and_nothing_beside_it(tmp_path: Path) -> None:
    """Written, written over, and no half-written file left."""
    path = tmp_path / "a" / "b" / "c.json"
    assert write_whole(path, b"one") == path
    write_whole(path, b"two")
    assert path.read_bytes() == b"two"
    assert list(path.parent.iterdir()) == [path]


def test_what_is_there_is_never_written_over_anew(tmp_path: Path) -> None:
    """The error names the file that is there; its content stays, and nothing else is left."""
    path = tmp_path / "c.json"
    write_whole(path, b"one", anew=True)
    with pytest.raises(FileExistsError) as error:
        write_whole(path, b"two", anew=True)
    assert error.value.filename == str(path)
    assert path.read_bytes() == b"one"
    assert list(tmp_path.iterdir()) == [path]
