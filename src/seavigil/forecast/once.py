"""What a ship did once is held against her once, though it lies about her passages of several faults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

from seavigil.forecast.chance import Fitted, fitted
from seavigil.forecast.presence import Sight


def counted_once(sights: Sequence[Sight], best: Sequence[Fitted | None]) -> tuple[Fitted | None, ...]:
    """Give her passages at each fault, each thing she did left at the one where it weighs most."""
    dropped: dict[int, set[str]] = {}
    known = [(at, one) for at, one in enumerate(best) if one is not None]
    for (i, one), (j, other) in combinations(known, 2):
        for a in one.presence.signs:
            for b in other.presence.signs:
                if a.same_as(b):
                    later = _nats(other, b.code) <= _nats(one, a.code)
                    at, code = (j, b.code) if later else (i, a.code)
                    dropped.setdefault(at, set()).add(code)
    return tuple(
        _without(sights[at], one, dropped[at]) if one is not None and at in dropped else one
        for at, one in enumerate(best)
    )


def _nats(one: Fitted, code: str) -> float:
    return sum(line.nats for line in one.rest if line.code == code)


def _without(sight: Sight, one: Fitted, codes: set[str]) -> Fitted:
    signs = tuple(sign for sign in one.presence.signs if sign.code not in codes)
    return fitted(sight, replace(one.presence, signs=signs))
