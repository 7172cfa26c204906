"""Who looks at a live watch sees what is in no file yet, each row once, at every moment."""

from __future__ import annotations

from collections.abc import Callable

from seavigil.records import END_OF_DATA_US, NEVER_US
from seavigil.runners.keeper import Keeper
from seavigil.runners.ships_seen import ShipsSeen
from seavigil.store.sightings import Sightings
from tests.runners.test_keeper import Log, kept

__all__ = ["kept"]


def ids(sea: Sightings) -> list[int]:
    """Give the ids of all reports, in order of time."""
    return sea.reports(NEVER_US, END_OF_DATA_US, sound=False)["report_id"].to_list()


def test_rows_are_seen_before_they_are_written_and_once_after(kept: Callable[..., Keeper]) -> None:
    """Judged but in no file: seen. In files after a checkpoint: the same rows, each once; then more."""
    log = Log()
    log.go_on(40)
    keeper = kept(log)
    sea = Sightings(keeper.days, keeper)
    assert keeper.work()
    assert not keeper.days.parts("reports")
    before = ids(sea)
    assert before
    assert len(before) == len(set(before))
    keeper.checkpoint()
    assert keeper.days.parts("reports")
    assert ids(sea) == before
    log.go_on(40)
    keeper.work()
    after = ids(sea)
    assert after[: len(before)] == before
    assert len(after) == len(set(after)) > len(before)


def test_between_writing_and_letting_go_nothing_is_seen_twice(kept: Callable[..., Keeper]) -> None:
    """The file is there and memory still holds its rows: who asks at that moment gets each once."""
    log = Log()
    log.go_on(40)
    keeper = kept(log)
    keeper.work()
    sea, seen = Sightings(keeper.days, keeper), []
    before, write = ids(sea), keeper.days.write

    def written(*given: object) -> object:
        done = write(*given)  # type: ignore[arg-type]
        seen.append(ids(sea))
        return done

    keeper.days.write = written  # type: ignore[method-assign, assignment]
    keeper.checkpoint()
    assert seen
    assert all(rows == before for rows in seen)


def test_ships_are_counted_with_what_is_in_no_file_yet(kept: Callable[..., Keeper]) -> None:
    """As many reports of each before the checkpoint as after it."""
    log = Log()
    log.go_on(40)
    keeper = kept(log)
    keeper.work()
    ships = ShipsSeen(Sightings(keeper.days, keeper))
    before = ships.heard()
    assert before
    keeper.checkpoint()
    assert ships.heard() == before
    assert ShipsSeen(Sightings(keeper.days, keeper)).heard() == before
