"""An invented hour on disk and the batch run over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from seavigil.assets import Assets
from seavigil.assets.read import read as read_assets
from seavigil.exercises import gulf_of_finland
from seavigil.exercises.write import write_exercise
from seavigil.feeds import recordings
from seavigil.records import Decoded
from seavigil.runners import batch
from seavigil.runners.summary import Summary


@dataclass(frozen=True)
class Hour:
    """The demo's recording and assets."""

    nmea: Path
    assets: Assets


@pytest.fixture(scope="session")
def hour(tmp_path_factory: pytest.TempPathFactory) -> Hour:
    """Give the invented hour of `seavigil demo`, written to disk."""
    nmea, assets, _ = write_exercise(gulf_of_finland(seed=1), tmp_path_factory.mktemp("demo"))
    return Hour(nmea, read_assets([assets]))


def read(source: str) -> Iterator[Decoded]:
    """Read a recording whose rows all have a clock."""
    return recordings.read(source, received_us=0, chunk_bytes=200_000)


@pytest.fixture
def watch(hour: Hour) -> Callable[..., Summary]:
    """Run the watch over sources, with the demo's assets, and write results to ``out``."""

    def run(sources: Sequence[Path], out: Path | None, **options: int) -> Summary:
        return batch.run(batch.Job([str(s) for s in sources], hour.assets, out, **options), read)

    return run
