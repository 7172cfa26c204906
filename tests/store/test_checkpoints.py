"""Checkpoints: whole or not there, of these settings or none, never beyond what was kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seavigil.store.checkpoints import Checkpoints


@pytest.fixture
def checkpoints(tmp_path: Path) -> Checkpoints:
    """Give two checkpoints of the same settings."""
    found = Checkpoints(tmp_path)
    found.save(10, "ours", {"at": 10})
    found.save(20, "ours", {"at": 20})
    return found


def damage(checkpoints: Checkpoints, position: int, at: int) -> None:
    """Change one byte."""
    path = checkpoints.folder / f"{position:020d}.checkpoint"
    content = bytearray(path.read_bytes())
    content[at % len(content)] ^= 0xFF
    path.write_bytes(content)


def at(checkpoints: Checkpoints, upto: int | None = None, settings: str = "ours") -> int | None:
    """Give the position of the one that is taken."""
    found = checkpoints.newest(settings, upto)
    assert found is None or found.state == {"at": found.position}
    return None if found is None else found.position


def test_the_newest_is_taken_and_two_are_kept(checkpoints: Checkpoints) -> None:
    """The log is needed from the older one on."""
    assert (at(checkpoints), checkpoints.oldest_position(), checkpoints.newest_position()) == (20, 10, 20)
    checkpoints.save(30, "ours", {"at": 30})
    assert (at(checkpoints), checkpoints.oldest_position(), checkpoints.newest_position()) == (30, 20, 30)


@given(byte=st.integers(0, 10_000))
def test_a_damaged_one_is_never_taken(tmp_path_factory: pytest.TempPathFactory, byte: int) -> None:
    """Whichever byte it is; the one before is, or none where its settings cannot be told apart."""
    checkpoints = Checkpoints(tmp_path_factory.mktemp("checkpoints"))
    checkpoints.save(10, "ours", {"at": 10})
    checkpoints.save(20, "ours", {"at": 20})
    damage(checkpoints, 20, byte)
    assert at(checkpoints) in (10, None)
    assert checkpoints.newest_position() == 20


def test_both_damaged_none_is_taken_though_their_settings_are_known(checkpoints: Checkpoints) -> None:
    """Then the whole log is judged again."""
    damage(checkpoints, 10, -1)
    damage(checkpoints, 20, -1)
    assert at(checkpoints) is None
    assert checkpoints.same_settings("ours")
    assert not checkpoints.same_settings("theirs")


def test_an_older_one_of_these_settings_is_not_taken_behind_one_of_others(checkpoints: Checkpoints) -> None:
    """What was told since then was told under these others."""
    checkpoints.save(30, "theirs", {"at": 30})
    assert at(checkpoints) is None
    assert at(checkpoints, settings="theirs") == 30


def test_one_beyond_what_was_kept_is_not_taken(checkpoints: Checkpoints) -> None:
    """After a restore the store is older than the checkpoints."""
    assert at(checkpoints, upto=19) == 10
    assert at(checkpoints, upto=9) is None


def test_those_beyond_a_new_beginning_go(checkpoints: Checkpoints) -> None:
    """Judging began again before them: they are of another past."""
    checkpoints.save(5, "ours", {"at": 5})
    assert (at(checkpoints), checkpoints.newest_position()) == (5, 5)


def test_one_of_a_class_that_is_gone_is_as_one_that_is_damaged(checkpoints: Checkpoints) -> None:
    """Other files in the folder are none at all."""
    (checkpoints.folder / "note.checkpoint").write_text("mine")
    (checkpoints.folder / f"{25:020d}.checkpoint").write_bytes(b'{"fingerprint": "ours", "sha256": ""}\n')
    assert at(checkpoints) == 20
