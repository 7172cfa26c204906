"""What one viewer may see of assets, alerts and events, by the labels of the assets.

Whatever goes out passes through `Sees`: what is about a hidden asset alone is left out, and where one is
named among others its name, id and figures are taken out. An asset of which nothing is known any more (its
file has gone since) is hidden from everybody who is not of the house.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from seavigil.sharing import Label, Viewer, may_see

_OPEN = Label()
#: What stands where the name of a hidden asset was.
WITHHELD = "an asset withheld"
#: Keys under which rows and answers name the asset that they are about, and its name.
_ABOUT = ("asset_id", "asset")
_NAMES = ("asset_name", "name")
#: Keys of lists of assets' ids.
_IDS = ("assets_not_heard", "assets_blind")
_GONE = object()


@dataclass(frozen=True)
class Sees:
    """A viewer before labelled assets (``labels`` by id; those without a label are not in it).

    ``names``: of assets by id. ``known``: the ids of all assets watched, None where any may be.
    """

    viewer: Viewer
    labels: Mapping[str, Label]
    names: Mapping[str, str] = field(default_factory=dict)
    known: Collection[str] | None = None

    @property
    def everything(self) -> bool:
        """Tell whether nothing can be hidden from this viewer: of the house."""
        return self.viewer.organisation is None

    def asset(self, asset_id: str | None) -> bool:
        """Tell whether an asset, or what is about no asset, may be seen."""
        if asset_id is None or self.everything:
            return True
        label = self.labels.get(asset_id)
        if label is None:
            return self.known is None or asset_id in self.known
        return may_see(label, self.viewer)

    def alert(self, line: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give an alert's line as this viewer may see it, None where it is about hidden assets alone.

        Hidden assets among others are taken out of it; ``withheld`` says how many.
        """
        about, ahead = line.get("assets") or [], line.get("next_assets") or []
        seen, near = self._of(about), self._of(ahead)
        if about and not seen:
            return None
        gone = {"assets": len(about) - len(seen), "next_assets": len(ahead) - len(near)}
        if self.everything:
            return dict(line)
        told: dict[str, Any] = self.told(line)
        return {**told, "withheld": gone} if any(gone.values()) else told

    def alerts(self, lines: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Give those alerts that may be seen, as they may."""
        return [told for told in map(self.alert, lines) if told is not None]

    def event(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Give an event, a passage, a fault or whatever else is about one asset; None where it is hidden."""
        return self.told(row) if self.asset(_about(row)) else None

    def events(self, rows: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Give those that may be seen, as they may."""
        return [told for told in map(self.event, rows) if told is not None]

    def text(self, text: str) -> str:
        """Give a text without the names and ids of hidden assets."""
        return text if self.everything else _without(text, self._hidden_names)

    def told(self, value: Any) -> Any:
        """Give anything of objects, lists and texts without what is about hidden assets.

        Entries of lists and values of keys that are about one are left out, or null; texts lose its name.
        """
        if self.everything:
            return dict(value) if isinstance(value, Mapping) else value
        here = {name for row in _objects(value) if not self.asset(_about(row)) for name in _named(row)}
        found = self._told(value, {**self._hidden_names, **_folded(here)})
        return None if found is _GONE else found

    def _told(self, value: Any, hidden: Mapping[str, str]) -> Any:
        if isinstance(value, str):
            return _without(value, hidden)
        if isinstance(value, Mapping):
            return self._object(value, hidden)
        if isinstance(value, list | tuple):
            kept = (self._told(item, hidden) for item in value if not self._names_hidden(item))
            return [item for item in kept if item is not _GONE]
        return value

    def _object(self, row: Mapping[str, Any], hidden: Mapping[str, str]) -> Any:
        about = _about(row)
        if not self.asset(about):
            return _GONE
        # what an asset that may be seen is called stays, also where another's name is in it
        own = {*_ABOUT, *_NAMES} if about is not None else set()
        told = {k: v if k in own else self._told(v, hidden) for k, v in row.items() if self._key(k)}
        lists = [k for k in _IDS if isinstance(told.get(k), list)]
        told |= {k: [one for one in told[k] if self._listed(one)] for k in lists}
        return {k: None if v is _GONE else v for k, v in told.items()}

    def _listed(self, one: Any) -> bool:
        return not isinstance(one, str) or self.asset(one)

    def _key(self, key: str) -> bool:
        return key not in self._hidden_ids

    def _names_hidden(self, item: Any) -> bool:
        return isinstance(item, str) and item in self._hidden_ids

    def _of(self, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        return [row for row in rows if self.asset(row.get("asset_id"))]

    @cached_property
    def _hidden_ids(self) -> frozenset[str]:
        return frozenset(i for i, label in self.labels.items() if not may_see(label, self.viewer))

    @cached_property
    def _hidden_names(self) -> Mapping[str, str]:
        return _folded(n for i in self._hidden_ids for n in (i, self.names.get(i, i)))


def _folded(names: Iterable[str]) -> dict[str, str]:
    return {name.casefold(): name for name in names if name.strip()}


def _about(row: Mapping[str, Any]) -> str | None:
    found = next((row[key] for key in _ABOUT if row.get(key) is not None), None)
    return found if isinstance(found, str) else None


def _named(row: Mapping[str, Any]) -> Iterator[str]:
    for key in (*_ABOUT, *_NAMES):
        if isinstance(row.get(key), str):
            yield row[key]


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    if isinstance(value, Mapping):
        yield value
        for inner in value.values():
            yield from _objects(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _objects(inner)


def _without(text: str, hidden: Mapping[str, str]) -> str:
    low = text.casefold()
    found = sorted((hidden[name] for name in hidden if name in low), key=len, reverse=True)
    if not found:
        return text
    # whole words: "Link 1" is not named by "Link 12"
    words = "|".join(rf"(?<!\w){re.escape(name)}(?!\w)" for name in found)
    return re.sub(words, WITHHELD, text, flags=re.IGNORECASE)
