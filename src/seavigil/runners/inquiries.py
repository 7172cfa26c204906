"""Inquiries into faults on request: the stored hours about one are watched again, one inquiry at a time."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from seavigil.fault import Fault
from seavigil.feeds.formats import UnreadableInput
from seavigil.forecast.suspects import Findings, Suspect
from seavigil.hashing import short_id
from seavigil.inputs.faults import as_json, fault_of, named
from seavigil.records import HOUR_US, MINUTE_US, SECOND_US, Decoded, rfc3339
from seavigil.runners import batch
from seavigil.runners.investigate import investigate
from seavigil.runners.plan import Plan
from seavigil.runners.suspect_words import cannot_know, said
from seavigil.store.again import decoded
from seavigil.store.days import DayFiles
from seavigil.store.inquiries import DONE, FAILED, RUNNING, InquiryRow
from seavigil.store.inquiries import Inquiries as Rows
from seavigil.store.sightings import Fresh

#: How much before and after a fault is looked at, as `seavigil suspects` does.
BEFORE_US, AFTER_US = 30 * HOUR_US, 3 * HOUR_US
#: The one source of an inquiry: what is stored.
_STORED = "the stored reports"
#: Rows held in memory by an inquiry beside a watch (own choice: some 100 MB).
_MEMORY_ROWS = 500_000
#: So many may wait (own choice: each takes up to minutes).
MOST_WAITING = 20
_ENDS_WITHIN_S = 10.0


class Busy(Exception):
    """So many inquiries wait that no other is taken."""


class _Stopped(BaseException):
    """We are told to stop: no step may take it for a fault of its own."""


@dataclass
class Inquiries:
    """The inquiries of one watch: asked for from any thread, held one after another in one of their own.

    ``fresh``: the watch where it keeps its newest rows in memory before it writes them.
    """

    days: DayFiles
    rows: Rows
    plan: Plan
    as_of_us: Callable[[], int]
    now_us: Callable[[], int]
    fresh: Fresh | None = None
    _waiting: queue.Queue[tuple[InquiryRow, Fault] | None] = field(default_factory=queue.Queue)
    _mine: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None
    _stopping: bool = False

    def ask(self, told: Mapping[str, Any], who: str, organisation: str | None = None) -> str:
        """Begin an inquiry and give its id; the same asked again, of the same data, is the same inquiry.

        ``told``: a fault by the names of `inputs.faults`: asset, time, within, km_along, km_error... Raises
        ``ValueError`` for one of no sense, ``Busy`` where too many wait, ``OSError``.
        """
        if self.plan.assets is None:
            raise ValueError("no assets are watched: a fault is one of an asset")
        fault = replace(fault_of(named(told), self.plan.assets), fault_id="fault")
        inquiry_id = self._id(fault)
        with self._lock:
            if inquiry_id in self._mine:
                return inquiry_id
            found = self.rows.get(inquiry_id)
            if found is not None and found.state == DONE:
                return inquiry_id
            if len(self._mine) >= MOST_WAITING:
                raise Busy(f"{len(self._mine)} inquiries wait already: ask again when one is done")
            row = InquiryRow(inquiry_id, self.now_us(), who, organisation, as_json(fault))
            self.rows.put(row)
            self._mine[inquiry_id] = 0.0
            self._waiting.put((row, fault))
            self._begin()
        return inquiry_id

    def found(self, inquiry_id: str) -> tuple[InquiryRow, float | None] | None:
        """Give an inquiry and how far it is (0 to 1, None unless it runs), None where there is none."""
        progress = self._mine.get(inquiry_id)  # first: one that is not mine any more has been written
        row = self.rows.get(inquiry_id)
        if row is None:
            return None
        if row.state == RUNNING and progress is None:
            row = replace(row, state=FAILED, error="it was cut off when the watch ended: ask again")
        return row, progress

    def stop(self) -> None:
        """Let go of what runs and of what waits; nothing is asked any more."""
        self._stopping = True
        self._waiting.put(None)
        if self._thread is not None:
            self._thread.join(_ENDS_WITHIN_S)

    def _id(self, fault: Fault) -> str:
        """Name an inquiry by what is asked, and by how much of the data about it was there."""
        ends_us = fault.at_us + int(fault.within_s * SECOND_US) + AFTER_US
        until = min(self.as_of_us(), ends_us) // MINUTE_US
        what = (fault.asset_id, fault.at_us, fault.within_s, fault.km_along, fault.km_error)
        return short_id("inquiry", *what, until, self.plan.fingerprint)

    def _begin(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="inquiries", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        """Hold one inquiry after another until told to stop."""
        while (asked := self._waiting.get()) is not None and not self._stopping:
            row, fault = asked
            try:
                done = replace(row, state=DONE, result=self._twice(row, fault))
            except _Stopped:
                return
            except (ValueError, OSError, UnreadableInput) as why:
                done = replace(row, state=FAILED, error=_plainly(str(why), fault))
            except Exception as broken:  # one inquiry that fails in a way nobody foresaw ends no other
                done = replace(row, state=FAILED, error=f"it failed: {type(broken).__name__}: {broken}")
            try:
                self.rows.put(replace(done, done_us=self.now_us()))
            except OSError:  # the store is away: it stays one that was cut off, to be asked again
                pass
            finally:
                self._mine.pop(row.inquiry_id, None)

    def _twice(self, row: InquiryRow, fault: Fault) -> dict[str, Any]:
        """Inquire; where files were put together meanwhile, once more."""
        try:
            return self._inquire(row, fault)
        except FileNotFoundError:
            return self._inquire(row, fault)

    def _inquire(self, row: InquiryRow, fault: Fault) -> dict[str, Any]:
        job = batch.Job([_STORED], self.plan.assets, known=self.plan.known, memory_rows=_MEMORY_ROWS)
        hooks = batch.Hooks(progress=lambda done, total: self._on(row, done, total))
        found = investigate(
            job,
            lambda _: self._read(fault),
            [fault],
            before_us=BEFORE_US,
            after_us=AFTER_US,
            hooks=hooks,
        )
        return result(found.findings)

    def _read(self, fault: Fault) -> Iterator[Decoded]:
        """Give the stored rows about a fault. Raises ``UnreadableInput`` where there are none."""
        about_us = int(fault.within_s * SECOND_US)
        reports = 0
        for piece in self._stored(fault.at_us - BEFORE_US, fault.at_us + about_us + AFTER_US):
            self._go_on()
            reports += piece.reports.num_rows
            yield piece
        if not reports:
            raise UnreadableInput(f"nothing is stored of the hours about {rfc3339(fault.at_us)}")

    def _stored(self, from_us: int, to_us: int) -> Iterator[Decoded]:
        return decoded(self.days, from_us, to_us, self.fresh)

    def _on(self, row: InquiryRow, done: int, total: int) -> None:
        self._go_on()
        self._mine[row.inquiry_id] = round(done / total, 3) if total else 0.0

    def _go_on(self) -> None:
        if self._stopping:
            raise _Stopped


def result(findings: Findings) -> dict[str, Any]:
    """Give findings as `seavigil suspects --format ndjson` prints them, and in words what stands in codes."""
    return {
        "findings": [one.as_json() for one in findings.suspects],
        "limits": findings.limits(),
        "words": [_in_words(one) for one in findings.suspects],
        "notes": cannot_know(findings),
    }


def _in_words(one: Suspect) -> dict[str, Any]:
    sides = {"for": one.lines_for, "against": one.lines_against}
    return {"rank": one.rank, **{side: [said(line) for line in lines] for side, lines in sides.items()}}


def _plainly(why: str, fault: Fault) -> str:
    return why.removeprefix(f"{fault.fault_id}: ")
