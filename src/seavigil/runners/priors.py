"""The normal that is shipped: what the watch found in invented ordinary traffic."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from seavigil.risk.rates import Rates

#: Written by tools/learn_rates.py, which says in it how it was made.
PRIOR = "prior_rates.json"


@cache
def prior_rates() -> Rates | None:
    """Give how often ordinary invented traffic raises alerts; None where nothing was shipped.

    Raises ``ValueError`` when what was shipped cannot be read.
    """
    file = files("seavigil.risk").joinpath(PRIOR)
    return Rates.from_json(json.loads(file.read_text(encoding="utf-8"))) if file.is_file() else None
