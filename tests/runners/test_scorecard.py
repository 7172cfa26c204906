"""The scorecard over plays and recordings: the same steps, the same figures, nothing fitted to its seeds."""

from __future__ import annotations

import json
import multiprocessing
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import pytest

from seavigil.cli.main import run
from seavigil.exercises import gulf_of_finland
from seavigil.exercises.incidents import INCIDENTS
from seavigil.exercises.truth import read_truth
from seavigil.exercises.write import write_exercise
from seavigil.runners import scorecard
from seavigil.runners.baselines import BASELINES


@pytest.fixture(scope="module")
def hour(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path, Path]:
    """Give the demo hour on disk: recording, assets, truth."""
    return write_exercise(gulf_of_finland(seed=3), tmp_path_factory.mktemp("hour"))


def test_a_recording_with_truth_is_scored(
    hour: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The dragging ship of the demo is found, the published rules stand beside, three pages are written."""
    nmea, assets, truth = (str(path) for path in hour)
    out = tmp_path / "card"
    asked = ["scorecard", "--recording", nmea, "--truth", truth, "--assets", assets, "--out", str(out)]
    assert run([*asked, "--json"]) == 0
    card = json.loads(capsys.readouterr().out)
    assert card == json.loads((out / "scorecard.json").read_text())
    assert set(card["rules"]) == {scorecard.OURS, *(b.name for b in BASELINES)}
    assert sum(row["at_all"]["hits"] for row in card["incidents"].values()) >= 1
    assert card["faults"] == {}
    assert card["ordinary"]["ship_days"] > 0
    assert "| seavigil |" in (out / "scorecard.md").read_text()
    assert (out / "scorecard.html").read_text().startswith("<!doctype html>")


def test_truth_is_read_as_it_was_written(hour: tuple[Path, Path, Path]) -> None:
    """Every part, time and crossing comes back."""
    written = gulf_of_finland(seed=3).truth
    back = read_truth(hour[2])
    assert [replace(i, crossings=()) for i in back] == [replace(i, crossings=()) for i in written]
    assert [len(i.crossings) for i in back] == [len(i.crossings) for i in written]


@pytest.mark.parametrize("text", ["", "[]", '{"injects": [{"mmsi": 1}]}', '{"injects": [{"kind": "x"}]}'])
def test_a_broken_truth_is_one_clear_line(
    text: str, hour: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The file is named, and nothing is scored against half a truth."""
    broken = tmp_path / "truth.json"
    broken.write_text(text)
    assert run(["scorecard", "--recording", str(hour[0]), "--truth", str(broken)]) == 1
    said = capsys.readouterr().err.strip()
    assert said.count("\n") == 0
    assert str(broken) in said


def test_recording_and_truth_belong_together(capsys: pytest.CaptureFixture[str]) -> None:
    """One without the other is a usage error."""
    assert run(["scorecard", "--truth", "truth.json"]) == 1
    assert "belong together" in capsys.readouterr().err


def test_scoring_seeds_are_no_training_seeds() -> None:
    """No play of the plan, quick or whole, uses a seed that anything was tried on."""
    for plan in (scorecard.Plan(), scorecard.Plan.quick()):
        seeds = [arg for task in plan.tasks for arg in task.args if isinstance(arg, int) and arg > 500]
        assert seeds
        assert not set(seeds) & set(scorecard.TRAINING_SEEDS)


def test_the_whole_plan_is_as_large_as_it_says() -> None:
    """Twelve kinds of incident by twenty seeds, each its own play."""
    plan = scorecard.Plan()
    kinds = [task.args for task in plan.tasks if task.func is scorecard.play_incident]
    assert len(kinds) == len(set(kinds)) == 20 * len(INCIDENTS)
    assert len(INCIDENTS) >= 12


@pytest.mark.slow
def test_an_incident_is_played_and_judged() -> None:
    """Each rule gets a case for each injected ship; the others' alerts count as raised for nothing."""
    played = scorecard.play_incident("eagle-s", 7, 60.0)
    assert set(played.cases) == {scorecard.OURS, *(b.name for b in BASELINES)}
    assert len(played.cases[scorecard.OURS]) == 1
    assert played.faults == {}
    assert played.ordinary[scorecard.OURS].ship_days > 1


def _pause(for_s: float) -> scorecard.Played:
    """Stand for a play that takes its time and counts one report."""
    time.sleep(for_s)
    return scorecard.Played(reports=1)


@dataclass(frozen=True)
class Pauses(scorecard.Plan):
    """A plan of pauses."""

    for_s: tuple[float, ...] = ()

    @property
    def tasks(self) -> list[Callable[[], scorecard.Played]]:
        """Give a play for each pause."""
        return [partial(_pause, s) for s in self.for_s]


def test_an_interrupted_run_leaves_no_worker() -> None:
    """Ctrl-C ends at once the play at work, those that wait, and the processes; nobody waits an hour."""

    def interrupt(done: int, _total: int) -> None:
        if done:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        scorecard.run(Pauses(for_s=(0.0, *[3600.0] * 6)), progress=interrupt)
    assert multiprocessing.active_children() == []


def test_near_miss_a_run_left_alone_plays_everything() -> None:
    """Each play counts once, more plays than workers, and the workers go home."""
    assert scorecard.run(Pauses(for_s=(0.1, 0.0, 0.0)), workers=2).reports == 3
    assert multiprocessing.active_children() == []


def test_the_truth_of_another_recording_is_refused(
    hour: tuple[Path, Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Incidents of another day would all count as missed; those of this hour are scored (see above)."""
    nmea, assets, truth = hour
    other = tmp_path / "truth.json"
    other.write_text(truth.read_text(encoding="utf-8").replace("2025-11-20", "2030-01-01"), encoding="utf-8")
    asked = ["scorecard", "--recording", str(nmea), "--truth", str(other), "--assets", str(assets)]
    assert run(asked) == 1
    assert "none of its incidents lies within the recording" in capsys.readouterr().err
