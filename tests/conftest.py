"""What every test may use: the real recordings where they are at hand, and hypothesis profiles."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]

# Other work on the same machine must not fail a test: no deadlines. CI repeats the same examples.
settings.register_profile("dev", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), derandomize=True, print_blob=True)
settings.register_profile("long", settings.get_profile("dev"), max_examples=2_000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Give the folder of real recordings and routes, or skip: they are not part of the product."""
    folder = Path(os.environ.get("SEAVIGIL_SHARED") or ROOT.parent / "shared" / "data")
    if not folder.is_dir():
        pytest.skip("../shared/data is not here: real recordings are not part of the product")
    return folder


@pytest.fixture(scope="session")
def repository() -> Path:
    """Give the root of this source tree."""
    return ROOT
