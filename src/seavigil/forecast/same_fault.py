"""One outage told by several notices: put together before anybody is held against it, or it counts twice."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from seavigil.fault import Fault
from seavigil.forecast.fit import KM_ERROR
from seavigil.records import SECOND_US


@dataclass(frozen=True)
class Joined:
    """One fault, and the ids of the notices that tell of it; one id where nothing had to be put together."""

    fault: Fault
    notices: tuple[str, ...]


def joined(faults: Iterable[Fault]) -> list[Joined]:
    """Put together the notices of one asset whose times overlap, and whose kilometres do where both give one.

    Of those together the time is what all of them allow, the kilometre the best known, the confidence the
    highest, the notice the last that came in; the id names all. In order of time. An asset that truly broke
    twice in so short a time at kilometres apart stays two faults.
    """
    out: list[Joined] = []
    for fault in sorted(faults, key=lambda one: (one.at_us, one.fault_id)):
        same = next((at for at, known in enumerate(out) if _same(known.fault, fault)), None)
        if same is None:
            out.append(Joined(fault, (fault.fault_id,)))
        else:
            known = out[same]
            out[same] = Joined(_both(known.fault, fault), (*known.notices, fault.fault_id))
    return out


def _span_us(fault: Fault) -> tuple[int, int]:
    within_us = round(fault.within_s * SECOND_US)
    return fault.at_us - within_us, fault.at_us + within_us


def _error_km(fault: Fault) -> float:
    return KM_ERROR if fault.km_error is None else fault.km_error


def _same(one: Fault, other: Fault) -> bool:
    if one.asset_id != other.asset_id:
        return False
    (began_us, ended_us), (from_us, until_us) = _span_us(one), _span_us(other)
    if began_us > until_us or from_us > ended_us:
        return False
    if one.km_along is None or other.km_along is None:
        return True
    return abs(one.km_along - other.km_along) <= _error_km(one) + _error_km(other)


def _both(one: Fault, other: Fault) -> Fault:
    (began_us, ended_us), (from_us, until_us) = _span_us(one), _span_us(other)
    began_us, ended_us = max(began_us, from_us), min(ended_us, until_us)
    placed = [fault for fault in (one, other) if fault.km_along is not None]
    best = min(placed, key=_error_km, default=one)
    return replace(
        one,
        fault_id=f"{one.fault_id} + {other.fault_id}",
        at_us=(began_us + ended_us) // 2,
        noticed_us=max(one.noticed_us, other.noticed_us),
        within_s=(ended_us - began_us) / 2 / SECOND_US,
        km_along=best.km_along,
        km_error=best.km_error,
        source=_named(one.source, other.source),
        confidence=max(one.confidence, other.confidence),
    )


def _named(*sources: str | None) -> str | None:
    known: Sequence[str] = [source for source in sources if source]
    return ", ".join(dict.fromkeys(known)) or None
