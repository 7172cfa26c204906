"""The invented hour in a console, asked without a network between."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from seavigil.api import Access, Context, make_app
from seavigil.assets.read import read as read_assets
from seavigil.exercises import gulf_of_finland
from seavigil.exercises.write import write_exercise
from seavigil.feeds import recordings
from seavigil.inputs.faults import Notices
from seavigil.risk import Policy
from seavigil.runners.batch import Job
from seavigil.runners.known import Known
from seavigil.runners.plan import Plan
from seavigil.runners.priors import prior_rates
from seavigil.runners.recorded import Recorded
from seavigil.store.database import Database

HERE = "http://127.0.0.1:8640"
#: A day on which nothing happened: the clock of the machine that shows the recording.
NOW_US = 1_780_000_000_000_000


@dataclass(frozen=True)
class Shown:
    """A recording in a console, and a browser before it."""

    recorded: Recorded
    app: FastAPI

    def request(self, method: str, path: str, **more: Any) -> Response:
        """Ask, and give the answer."""

        async def ask() -> Response:
            transport = ASGITransport(self.app, raise_app_exceptions=False)
            async with AsyncClient(transport=transport, base_url=HERE) as client:
                return await client.request(method, path, **more)

        return asyncio.run(ask())

    def get(self, path: str, **more: Any) -> Any:
        """Ask for something that there is, and give what it says."""
        answer = self.request("GET", path, **more)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def command(self, path: str, **body: Any) -> Any:
        """Ask something of an alert, have it done, and give what became of it."""
        answer = self.request("POST", path, json=body)
        assert answer.status_code == 202, answer.text
        self.recorded.obey_waiting()
        return self.get(answer.json()["see"])

    def inquiry(self, **asked: Any) -> Any:
        """Ask who may have caused a fault, and give what was found."""
        answer = self.request("POST", "/api/suspects", json=asked)
        assert answer.status_code == 202, answer.text
        until_s = time.monotonic() + 60.0
        while (found := self.get(answer.json()["see"]))["state"] == "running":
            assert time.monotonic() < until_s, "an inquiry of an hour takes seconds"
            time.sleep(0.02)
        return found


@contextmanager
def shown(
    folder: Path, sources: list[Path], assets: Path | None = None, notices: list[Path] | None = None
) -> Iterator[Shown]:
    """Watch recordings into a folder, and show them."""
    watched = None if assets is None else read_assets([assets])
    plan = Plan(watched, Known(), Policy(prior_rates()), "")
    told = None if notices is None or watched is None else Notices(notices, watched)
    job = Job([str(path) for path in sources], watched, notices=None if told is None else told.fresh)
    folder.mkdir(exist_ok=True)
    with Database.open(folder) as database:
        recorded = Recorded(folder, plan, database, sources[0].name, lambda: NOW_US)
        recorded.watch(job, lambda source: recordings.read(source, received_us=lambda: NOW_US))
        app = make_app(Context(recorded, database, Access(now_us=lambda: NOW_US)))
        try:
            yield Shown(recorded, app)
        finally:
            app.state.inquiries.stop()


def invented(folder: Path) -> tuple[Path, Path]:
    """Write the invented hour; give its recording and its assets."""
    nmea, assets, _ = write_exercise(gulf_of_finland(seed=1), folder)
    return nmea, assets
