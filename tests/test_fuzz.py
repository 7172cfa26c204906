"""The fuzzer's own rules: its seeds are what they say, and it would see what it looks for."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from fuzz.check import check_bounded, check_cut_anywhere, decode
from fuzz.seeds import seeds
from seavigil.feeds.formats import FORMATS, Format, recognise
from seavigil.records import Decoded


@pytest.mark.parametrize("seed", seeds())
def test_seeds_are_read(seed: bytes) -> None:
    """Each seed is an example of a format: recognised, read without a reject, the same in pieces."""
    known = recognise(seed, "seed")
    result = decode(known, seed, 11)
    assert isinstance(result, Decoded)
    assert result.reports.num_rows
    assert result.rejects.num_rows == 0
    check_cut_anywhere(known, seed, 11)


def test_every_format_has_a_seed() -> None:
    """No format starts the fuzzing without an example of its own."""
    assert {recognise(seed, "seed").name for seed in seeds()} == {known.name for known in FORMATS}


@dataclass
class Hoarder:
    """A receiver that keeps all it is given and counts the pieces: both are faults."""

    kept: list[bytes] = field(default_factory=list)

    def receive(self, chunk: bytes, *, received_us: int) -> Decoded:
        self.kept.append(bytes(chunk))
        return Decoded(counts={"pieces": 1})

    def finish(self, *, received_us: int) -> Decoded:
        return Decoded()


def test_faults_would_be_seen() -> None:
    """A receiver that hoards, or whose result depends on the cut, does not pass."""
    faulty = Format("hoarder", lambda head: True, lambda source: Hoarder())
    with pytest.raises(AssertionError, match="holds"):
        check_bounded(faulty, b"line\n")
    with pytest.raises(AssertionError, match="another result"):
        check_cut_anywhere(faulty, b"line\n", 2)
