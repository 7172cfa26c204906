"""The normal that is shipped: what the watch found in invented ordinary traffic."""

from __future__ import annotations

import json
from functools import cache
from importlib.resources import files

from seavigil.risk.rates import Rates

#: Written by tools/learn_rates.py, which says in it how it was made.
PRIOR = "prior_rates.json"


@cache
def prior_rates() -> Rates:
    """Give how often ordinary invented traffic raises alerts.

    Raises ``ValueError`` or ``OSError`` when what was shipped cannot be read.
    """
    text = files("seavigil.risk").joinpath(PRIOR).read_text(encoding="utf-8")
    return Rates.from_json(json.loads(text))
