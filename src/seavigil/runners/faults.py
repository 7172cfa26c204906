"""What failed on one ship, kept apart so that the watch over the others goes on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


@dataclass(frozen=True)
class Fault:
    """One step that failed on one ship, and why."""

    vessel_id: str
    step: str
    error: str


#: Whom a fault is said to concern that is not of one ship alone.
OF_ALL = frozenset({"all ships", "all areas"})


def of_all(faults: Iterable[Fault]) -> list[Fault]:
    """Give the faults that concern more than one ship."""
    return [fault for fault in faults if fault.vessel_id in OF_ALL]


class Faults:
    """Gathers what failed during one piece of input."""

    def __init__(self) -> None:
        self._found: list[Fault] = []

    @property
    def found(self) -> tuple[Fault, ...]:
        """Give the faults so far."""
        return tuple(self._found)

    def guard(
        self, vessel_id: str, step: str, call: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T | None:
        """Give what ``call`` gives, or None when it fails; then the fault is kept."""
        try:
            return call(*args, **kwargs)
        except Exception as error:  # one broken ship cannot stop the watch over the others
            self._found.append(Fault(vessel_id, step, f"{type(error).__name__}: {error}"))
            return None
