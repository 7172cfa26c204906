"""An operator's rules: other parameters, behaviours switched off, priorities capped, until a date.

A rules file is TOML with one table for each behaviour::

    [drifting]
    min_sog_kn = 1.5            # any parameter of the behaviour
    at_most = "advisory"        # no alert of this conduct alone is more pressing
    expires = 2026-06-30        # from then on the table is ignored
    why = "tide race off the cape"

    [loitering]
    enabled = false

An ``expires`` outside the tables holds for all of them. Nothing is guessed: a name that does not exist is
an error that gives the names that do.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, time
from difflib import get_close_matches
from math import isfinite
from typing import Any, TypeVar

from seavigil.behaviours import Behaviour
from seavigil.behaviours.areas import AreaBehaviour
from seavigil.behaviours.detect import ALIVE
from seavigil.records import parse_time_us, rfc3339
from seavigil.risk.priority import PRIORITIES

#: What a table may hold besides parameters; no parameter has one of these names.
_OWN_KEYS = ("enabled", "at_most", "expires", "why")
#: Parameters that are spans of time end so; in seconds.
_SPANS = {"_s": 1.0, "_min": 60.0, "_h": 3600.0, "_days": 86_400.0}
#: No behaviour of a ship looks back farther, and more rows than a year's no machine keeps.
_LONGEST_S = 366 * 86_400.0
#: Parameters that are parts of a whole have one of these words in their name.
_PARTS = {"share", "probability", "straightness"}

Known = Mapping[str, Behaviour | AreaBehaviour]
AnyBehaviour = TypeVar("AnyBehaviour", Behaviour, AreaBehaviour)


@dataclass(frozen=True)
class Rule:
    """What is decided of one behaviour, until ``expires_us`` (None: for good)."""

    behaviour: str
    params: Mapping[str, Any] = field(default_factory=dict)
    enabled: bool = True
    at_most: str | None = None
    expires_us: int | None = None
    why: str = ""

    def expired(self, at_us: int) -> bool:
        """Whether it no longer holds."""
        return self.expires_us is not None and at_us >= self.expires_us


@dataclass(frozen=True)
class Rules:
    """The rules of one file, in its order."""

    rules: tuple[Rule, ...] = ()

    def caps(self, at_us: int) -> dict[str, str]:
        """Give the highest priority of conduct that is capped, by behaviour."""
        return {r.behaviour: r.at_most for r in self.holding(at_us) if r.at_most is not None}

    @property
    def change_nothing(self) -> bool:
        """Whether no table has a setting: all would be as without the file."""
        return not any(r.params or r.at_most or not r.enabled for r in self.rules)

    def holding(self, at_us: int) -> tuple[Rule, ...]:
        """Give the rules that have not expired."""
        return tuple(r for r in self.rules if not r.expired(at_us))

    def expired(self, at_us: int) -> list[str]:
        """Say which rules are ignored because they expired, one line each."""
        return [
            f"rule for {r.behaviour} expired at {rfc3339(r.expires_us)} and is ignored"
            for r in self.rules
            if r.expired(at_us)
        ]


def apply(rules: Rules, catalogue: tuple[AnyBehaviour, ...], at_us: int) -> tuple[AnyBehaviour, ...]:
    """Give the catalogue with the rules that hold at ``at_us``: parameters changed, switched-off ones out."""
    by_name = {rule.behaviour: rule for rule in rules.holding(at_us)}
    changed = (_changed(behaviour, by_name.get(behaviour.name)) for behaviour in catalogue)
    return tuple(behaviour for behaviour in changed if behaviour is not None)


def read_rules(content: Mapping[str, Any], known: Known) -> Rules:
    """Read rules from what a TOML file holds; ``known``: the behaviours there are, by name.

    Raises ``ValueError`` that names what is wrong and what is valid.
    """
    expires_us = _expiry("expires", content["expires"]) if "expires" in content else None
    tables = {name: table for name, table in content.items() if name != "expires"}
    return Rules(tuple(_rule(name, table, known, expires_us) for name, table in tables.items()))


def _rule(name: str, table: Any, known: Known, expires_us: int | None) -> Rule:
    if name not in known:
        raise ValueError(f"no behaviour is called {name}{_meant(name, known)}; there are {', '.join(known)}")
    if not isinstance(table, Mapping):
        raise ValueError(f"{name} must be a table: [{name}] on a line of its own, then its settings")
    params = known[name].params
    changes = {key: _param(name, params, key, v) for key, v in table.items() if key not in _OWN_KEYS}
    _checked(name, params, changes)
    at_most, enabled = table.get("at_most"), table.get("enabled", True)
    if at_most is not None and at_most not in PRIORITIES:
        raise ValueError(f"{name}.at_most must be one of {', '.join(PRIORITIES)}, not {at_most!r}")
    if not isinstance(enabled, bool):
        raise ValueError(f"{name}.enabled must be true or false, not {enabled!r}")
    own_us = _expiry(f"{name}.expires", table["expires"]) if "expires" in table else expires_us
    return Rule(name, changes, enabled, at_most, own_us, str(table.get("why", "")))


def _param(behaviour: str, params: Any, name: str, value: Any) -> Any:
    """Give the value in the parameter's own type."""
    names = {f.name: str(f.type) for f in fields(params)}
    if name not in names:
        valid = ", ".join([*names, *_OWN_KEYS])
        raise ValueError(f"{behaviour} has no parameter {name}{_meant(name, names)}; there are {valid}")
    now = getattr(params, name)
    if isinstance(now, bool) or not isinstance(now, int | float):
        fits = type(value) is type(now) or (isinstance(now, tuple) and isinstance(value, list))
        if fits and isinstance(now, tuple):
            value = tuple(value)
            fits = len(value) == len(now) or "..." in names[name]  # of any length
    else:
        number = isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value)
        fits = number and (isinstance(now, float) or isinstance(value, int))
        value = type(now)(value) if fits else value
    if not fits:
        raise ValueError(f"{behaviour}.{name} must be like {now!r}, not {value!r}")
    if (wanted := _wanted(name, now, value)) is not None:
        raise ValueError(f"{behaviour}.{name} must be {wanted}, not {value!r}")
    return value


def _wanted(name: str, now: Any, value: Any) -> str | None:
    """Say what a parameter must be where a value makes no sense; None where it does."""
    if isinstance(now, tuple):
        return _wanted_of_each(name, now, value)
    if isinstance(now, bool) or not isinstance(now, int | float):
        return None
    # only a lower limit that divides nothing can be none: a speed, or how many there are
    floor = name.startswith(("min_", "least_")) and name.endswith("_kn")
    floor |= name.startswith("min_") and isinstance(now, int)
    span_s = next((s for ending, s in _SPANS.items() if name.endswith(ending)), None)
    if span_s is not None and not 0 < value * span_s <= _LONGEST_S:
        return "more than 0 and at most a year"
    if value < 0 or (value == 0 and not floor):
        return "0 or more" if floor else "more than 0"
    if value > 1 and _PARTS & set(name.split("_")):
        return "at most 1"
    if name.endswith("_deg") and now <= 180 < value:
        return "at most 180"
    return "less than 1e9" if value >= 1e9 else None


def _wanted_of_each(name: str, now: tuple[Any, ...], value: tuple[Any, ...]) -> str | None:
    numbers = [x for x in value if isinstance(x, int | float) and not isinstance(x, bool) and isfinite(x)]
    if not value or len(numbers) < len(value):
        return f"numbers, as {list(now)}"
    signed = min(now) < 0  # what speaks against may be below zero
    each = (None if signed and abs(x) < 1e9 else _wanted(name, now[0], x) for x in numbers)
    return next((f"each {wanted}" for wanted in each if wanted is not None), None)


def _checked(name: str, params: Any, changes: Mapping[str, Any]) -> None:
    try:
        changed = replace(params, **changes)
    except ValueError as fault:
        raise ValueError(f"{name}: {fault}") from fault
    rungs = changes.get("rungs", ())
    if list(rungs) != sorted(set(rungs)) or (rungs and rungs[0] <= ALIVE):
        raise ValueError(f"{name}.rungs must rise from above {ALIVE:g}, not {list(rungs)}")
    for least in (f.name for f in fields(params) if f.name.startswith("min_")):
        most = least.replace("min_", "max_", 1)
        low, high = getattr(changed, least), getattr(changed, most, None)
        if high is not None and low >= high and {least, most} & changes.keys():
            raise ValueError(f"{name}.{least} ({low:g}) must be less than {name}.{most} ({high:g})")


def _meant(name: str, names: Any) -> str:
    close = get_close_matches(name, list(names), n=1)
    return f" (did you mean {close[0]}?)" if close else ""


def _expiry(name: str, value: Any) -> int:
    """Give a moment in microseconds from a TOML time, date (its begin, UTC) or text."""
    if isinstance(value, datetime):
        return parse_time_us(value.isoformat())
    if isinstance(value, date):
        return parse_time_us(datetime.combine(value, time(), UTC).isoformat())
    try:
        return parse_time_us(value)
    except (ValueError, AttributeError) as fault:
        raise ValueError(f"{name} must be a date or a time, as 2026-06-30, not {value!r}") from fault


def _changed(behaviour: AnyBehaviour, rule: Rule | None) -> AnyBehaviour | None:
    if rule is None:
        return behaviour
    if not rule.enabled:
        return None
    params = replace(behaviour.params, **rule.params)
    if isinstance(behaviour, AreaBehaviour):
        return replace(behaviour, params=params)
    return replace(
        behaviour, params=params, history_s=behaviour.history_s * _stretch(behaviour.params, params)
    )


def _stretch(before: Any, after: Any) -> float:
    """Give by how much the longest-grown span of time grew: rows have to be kept for so much longer."""
    names = [f.name for f in fields(before) if f.name.endswith(tuple(_SPANS))]
    grown = [_longest(getattr(after, n)) / _longest(getattr(before, n)) for n in names]
    return float(max([1.0, *grown]))


def _longest(spans: Any) -> float:
    return float(max(spans) if isinstance(spans, tuple) else spans)
