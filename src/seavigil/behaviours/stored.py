"""Behaviours in a stored watch: by name and parameters, so that what was stored runs the code there is."""

from __future__ import annotations

import copyreg
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from seavigil.behaviours.area_states import AreaBehaviour
from seavigil.behaviours.detect import Behaviour

Named = Behaviour | AreaBehaviour

_NAMED: dict[tuple[type, str], Named] = {}


def store_by_name(behaviours: Iterable[Named]) -> None:
    """Let these be pickled as their name and parameters; any other is pickled as a plain object."""
    for behaviour in behaviours:
        _NAMED[type(behaviour), behaviour.name] = behaviour
        copyreg.pickle(type(behaviour), _reduced)


def named(kind: type[Named], name: str, params: Any) -> Named:
    """Give the behaviour of that name with these parameters. Raises ``ValueError`` when there is none."""
    found = _NAMED.get((kind, name))
    if found is None:
        raise ValueError(f"no behaviour is called {name}: what was stored is of another version")
    if found.params == params:
        return found
    return replace(found, params=params)


def _reduced(behaviour: Named) -> Any:
    kind = type(behaviour)
    known = _NAMED.get((kind, behaviour.name))
    if known is not None and replace(behaviour, params=known.params) == known:
        return named, (kind, behaviour.name, behaviour.params)
    return object.__reduce_ex__(behaviour, 2)
