"""How people are known: what the settings say of it, what is remembered of tries, who may see what."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from seavigil.api.labels import Sees
from seavigil.api.oidc import OidcParams, Provider
from seavigil.api.throttle import Buckets, Refusals, Throttle
from seavigil.api.uses import Uses
from seavigil.assets import Assets
from seavigil.runners.credentials import Passwords
from seavigil.sharing import Label, Viewer
from seavigil.store.database import Database

#: Whoever sits at this machine, where nobody need sign in.
HERE = Viewer("local", "admin")


@dataclass(frozen=True)
class AccessParams:
    """What the settings say of access. Without ``required`` everybody at this machine is the house itself.

    ``here``: whether it is bound to a loopback address; ``names``: the host names by which it is asked else;
    ``oidc``: other houses whose word is taken; ``local``: the hash of the key in the service's folder.
    A session ends so long after it was used last, and so long after it began.
    """

    required: bool = False
    here: bool = True
    names: tuple[str, ...] = ()
    idle_s: float = 12 * 3600.0
    session_s: float = 7 * 86_400.0
    requests_per_s: float = 50.0
    burst: int = 200
    oidc: Mapping[str, OidcParams] = field(default_factory=dict)
    local: str | None = None


class Access:
    """How people of one watch are known, and what is remembered of their tries to come in."""

    def __init__(
        self,
        params: AccessParams | None = None,
        passwords: Passwords | None = None,
        *,
        now_us: Callable[[], int] = lambda: time.time_ns() // 1000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.params = params or AccessParams()
        self.passwords = passwords or Passwords()
        self.now_us = now_us
        self.throttle = Throttle(clock)
        self.buckets = Buckets(self.params.requests_per_s, self.params.burst, clock)
        self.providers = {
            name: Provider(name, one, clock, lambda: now_us() / 1e6) for name, one in self.params.oidc.items()
        }
        self.refusals = Refusals(clock)
        self.uses = Uses()
        self._labels = _Labels()

    @property
    def required(self) -> bool:
        """Tell whether people have to sign in."""
        return self.params.required

    def labels(self, assets: Assets | None, store: Database) -> Mapping[str, Label]:
        """Give the labels of assets that have one, by id, as they are edited now.

        Raises ``OSError`` where the store cannot be asked.
        """
        newest = store.labels.newest()
        if self._labels.assets is not assets or self._labels.newest != newest:
            self._labels = _Labels(assets, newest, labels_of(assets, store.labels.all()))
        return self._labels.by_id

    def sees(self, viewer: Viewer, assets: Assets | None, store: Database) -> Sees:
        """Give what a viewer may see. Raises ``OSError`` where the store cannot be asked."""
        if viewer.organisation is None:
            return Sees(viewer, {})
        names = {asset.asset_id: asset.name for asset in assets or ()}
        return Sees(viewer, self.labels(assets, store), names, names.keys())


@dataclass(frozen=True)
class _Labels:
    """Labels as they were when so many edits had been made of these assets."""

    assets: Assets | None = None
    newest: int = -1
    by_id: Mapping[str, Label] = field(default_factory=dict)


def labels_of(assets: Assets | None, edits: Mapping[str, Mapping[str, object]]) -> dict[str, Label]:
    """Give the labels of assets that have one, by id; what cannot be read is as closed as can be."""
    found = {a.asset_id: _label({**a.properties, **edits.get(a.asset_id, {})}) for a in assets or ()}
    return {asset_id: label for asset_id, label in found.items() if label != Label()}


def wrong_labels(assets: Assets | None) -> list[str]:
    """Say of which assets the file's label cannot be read: nobody but the house sees those."""
    said = []
    for asset in assets or ():
        try:
            Label.of(asset.properties)
        except (ValueError, TypeError) as fault:
            said.append(f"{asset.asset_id}: {fault}: shown to nobody but the house (as RED)")
    return said


def _label(properties: Mapping[str, object]) -> Label:
    try:
        return Label.of(properties)
    except (ValueError, TypeError):
        return Label(tlp="RED")
