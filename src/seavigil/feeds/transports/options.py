"""Options of a transport as people write them, in an address or in TOML: typed, and none unknown."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import MISSING, fields
from difflib import get_close_matches
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_type_hints

from seavigil.feeds.transports.secrets import Secret, secret_of

Made = TypeVar("Made")

_YES, _NO = ("true", "yes", "on", "1"), ("false", "no", "off", "0")
#: Types that one value can be written as.
_SIMPLE = (bool, int, float, str, Path, Secret)


class Options:
    """What was given; each question takes its answer out, and `done` says what nobody asked for."""

    def __init__(self, given: Mapping[str, Any], where: str) -> None:
        self._given = dict(given)
        self._where = where
        self._known: list[str] = []

    def take(self, name: str, kind: type[Made]) -> Made | None:
        """Give one option as ``kind``, or None where it was not given. Raises `ValueError` in words."""
        self._known.append(name)
        value = self._given.pop(name, None)
        return None if value is None else self._as(name, value, kind)

    def take_list(self, name: str) -> list[str]:
        """Give a list of texts; one text stands for itself, or for several between commas."""
        self._known.append(name)
        value = self._given.pop(name, None)
        if isinstance(value, str):
            value = value.split(",")
        if value is None:
            return []
        if not isinstance(value, Sequence):
            raise self._wrong(name, "a list of texts")
        return [text for item in value for text in [str(item).strip()] if text]

    def take_raw(self, name: str) -> Any:
        """Give an option as it was written."""
        self._known.append(name)
        return self._given.pop(name, None)

    def make(self, what: type[Made], *, prefix: str = "", **fixed: Any) -> Made:
        """Make a dataclass of the options that are named as its fields, ``prefix`` before them.

        Fields that cannot be written as one value are left to ``fixed``, or to their defaults.
        """
        hints = get_type_hints(what)
        told = dict(fixed)
        for field in fields(what):  # type: ignore[arg-type]  # a dataclass, by agreement
            kind = _simple(hints[field.name])
            if field.name in fixed or kind is None:
                continue
            value = self.take(prefix + field.name, kind)
            if value is None and field.default is MISSING and field.default_factory is MISSING:
                raise ValueError(f"{self._where}: {prefix + field.name} is missing")
            if value is not None:
                told[field.name] = value
        try:
            return what(**told)
        except ValueError as fault:
            raise ValueError(f"{self._where}: {fault}") from None

    def done(self) -> None:
        """Raise `ValueError` for what is left over, with the name that may be meant."""
        for name in self._given:
            near = get_close_matches(name, self._known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(sorted(self._known))}"
            raise ValueError(f"{self._where}: no option {name}; {hint}")

    def _as(self, name: str, value: Any, kind: type[Any]) -> Any:
        if kind is Secret:
            return secret_of(str(value), what=f"{self._where}: {name}")
        if kind is bool:
            return self._yes_or_no(name, value)
        if kind in (str, Path):
            if isinstance(value, (str, int, float, Path)) and not isinstance(value, bool):
                return kind(str(value))
            raise self._wrong(name, "a text")
        if isinstance(value, bool):
            raise self._wrong(name, "a number")
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise self._wrong(name, "a number") from None
        if not math.isfinite(number) or (kind is int and not number.is_integer()):
            raise self._wrong(name, "a whole number" if kind is int else "a number")
        return kind(number)

    def _yes_or_no(self, name: str, value: Any) -> bool:
        text = str(value).lower()
        if text not in (*_YES, *_NO):
            raise self._wrong(name, "true or false")
        return text in _YES

    def _wrong(self, name: str, wanted: str) -> ValueError:
        return ValueError(f"{self._where}: {name} must be {wanted}")


def _simple(hint: Any) -> type[Any] | None:
    """Give the type one value of which makes the field: ``Path`` for ``Path | None``; None for others."""
    kinds = [k for k in get_args(hint) if k is not type(None)] if isinstance(hint, UnionType) else [hint]
    return kinds[0] if len(kinds) == 1 and kinds[0] in _SIMPLE else None
