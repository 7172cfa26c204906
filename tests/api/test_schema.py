"""Every route, asked what its description allows and what it does not: it answers as it is described."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from seavigil.api.access import AccessParams
from tests.api.house import House
from tests.api.shown import Shown, invented, shown

HERE = {"Host": "127.0.0.1:8640"}
#: An event stream ends with the watch, and a sign-in elsewhere leads away: they have tests of their own.
LEFT_OUT = re.compile(r"/api/(stream|oidc/.*)")
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
]
#: What chance would not hit upon: things that there are in the invented hour.
TIMES = ["2025-11-20T04:00:00Z", "2025-11-20T04:43:00Z", "2025-11-20T06:00:00+01:00", "1900-01-01T00:00:00Z"]
ASSETS = ["demo-link-1", "demo-fibre-2", "demo-wind-farm-4", "none"]
KNOWN: Mapping[str, list[Any]] = {
    **dict.fromkeys(("at", "from", "to", "since", "until"), TIMES),
    "vessel_id": ["299000001", "299000002", "299000001#2", "999999999"],
    "asset_id": ASSETS,
    "asset": ASSETS,
    "mmsi": [299000001, 1],
    "bbox": ["24,59,26,61", "170,-10,-170,10", "0,0,0,0"],
    "box": ["24,59,26,61", "170,-10,-170,10"],
    "behaviour": ["crossing", "drifting", "none"],
    "collection_id": ["assets", "events", "alerts", "tracks"],
    "feature_id": ["demo-link-1", "299000001@2025-11-20"],
    "filter": ["name LIKE 'E%'", "geometry IS NOT NULL", "1 = 1 OR"],
    "datetime": [*TIMES, f"{TIMES[0]}/..", "../.."],
    "limit": [1, 3],
    "q": ["EXERCISE", "299"],
}


@pytest.fixture(scope="module")
def web(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shown]:
    """Give the invented hour."""
    nmea, assets = invented(tmp_path_factory.mktemp("written"))
    with shown(tmp_path_factory.mktemp("store"), [nmea], assets) as found:
        yield found


def faults_of(
    app: FastAPI, known: Mapping[str, list[Any]], headers: Mapping[str, str], most: int
) -> list[str]:
    """Ask every route, ``most`` times with sense and as often without, and give what was wrong."""
    schema = schemathesis.openapi.from_asgi("/api/openapi.json", app, headers={**HERE, **headers})
    found: Counter[str] = Counter()
    for result in schema.get_all_operations():
        operation: Any = result.ok()  # type: ignore[union-attr]
        if LEFT_OUT.fullmatch(operation.path) is None:
            for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
                found.update(_asked(operation, mode, known, {**HERE, **headers}, most))
    return [f"{number} x {told}" for told, number in found.items()]


def _asked(
    operation: Any, mode: GenerationMode, known: Mapping[str, list[Any]], headers: dict[str, str], most: int
) -> list[str]:
    found: list[str] = []
    bounded = settings(
        max_examples=most,
        deadline=None,
        database=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),
        suppress_health_check=list(HealthCheck),
    )

    @bounded
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def ask(case: Any, data: st.DataObject) -> None:
        for values in (case.path_parameters, case.query, case.body):
            for name in values if isinstance(values, dict) else ():
                if name in known and data.draw(st.integers(0, 4)):
                    values[name] = data.draw(st.sampled_from(known[name]))
        try:
            case.call_and_validate(headers=headers, checks=CHECKS)
        except FailureGroup as faults:
            told = (" ".join(str(one).split())[:300] for one in faults.exceptions)
            found.extend(f"{operation.label}: {one}" for one in told)

    with suppress(Unsatisfiable):  # nothing can be wrong about a question without parameters
        ask()
    return found


@pytest.mark.slow
def test_every_route_answers_as_it_is_described(web: Shown) -> None:
    """No 5xx, no status, media type or shape that the description does not name."""
    found = faults_of(web.app, _known(web), {}, 8)
    assert not found, "\n".join(found)


@pytest.mark.slow
def test_so_it_does_for_who_may_less(web: Shown) -> None:
    """A viewer of another organisation, known by a token: what is refused is refused as described."""
    params = AccessParams(required=True, requests_per_s=1e6, burst=10**6)
    house = House(web.recorded, web.recorded.database, params=params)
    token = house.token("viewer", "Coast Guard")
    found = faults_of(house.app, _known(web), {"Authorization": f"Bearer {token}"}, 3)
    assert not found, "\n".join(found)


def _known(web: Shown) -> dict[str, list[Any]]:
    return {**KNOWN, "alert_id": [one["alert_id"] for one in web.get("/api/alerts")["alerts"][:3]]}
