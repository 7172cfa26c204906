"""Who may see what: labels of owners on things, and the viewers who ask for them.

A label is the Traffic Light Protocol 2.0 of FIRST (https://www.first.org/tlp/) with an owner and the
organisations named beside it. What has no label is the house's own and seen by everybody who may sign in.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from unicodedata import normalize

#: From the most closed to the open.
TLP = ("RED", "AMBER+STRICT", "AMBER", "GREEN", "CLEAR")
_OPEN = frozenset({"GREEN", "CLEAR"})
#: What each may do, each all that those before it may.
ROLES = ("viewer", "operator", "admin")


@dataclass(frozen=True)
class Label:
    """Whose a thing is, how far it may go, and to which organisations besides the owner."""

    owner: str | None = None
    tlp: str | None = None
    shared_with: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.tlp is not None and self.tlp not in TLP:
            raise ValueError(f"tlp {self.tlp!r} is none of {', '.join(TLP)}")

    @classmethod
    def of(cls, properties: Mapping[str, Any]) -> Label:
        """Read ``owner``, ``tlp`` and ``shared_with`` (a list, or names parted by ``;``).

        Raises ``ValueError`` for a colour that there is not: what cannot be read must not be open.
        """
        owner, tlp, shared = (properties.get(name) for name in ("owner", "tlp", "shared_with"))
        names = (shared.split(";") if isinstance(shared, str) else shared) or ()
        colour = str(tlp).upper().removeprefix("TLP:").strip() if tlp not in (None, "") else None
        return cls(
            _named(owner) or None if owner is not None else None,
            colour,
            tuple(name for name in map(_named, names) if name),
        )


@dataclass(frozen=True)
class Viewer:
    """Who asks. One without an ``organisation`` is of the house itself and sees all."""

    name: str
    role: str = "viewer"
    organisation: str | None = None

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise ValueError(f"role {self.role!r} is none of {', '.join(ROLES)}")

    def can(self, role: str) -> bool:
        """Tell whether the viewer may do what this role may."""
        return ROLES.index(self.role) >= ROLES.index(role)


def _named(text: object) -> str:
    """Give a name as it is compared: letters composed (Unicode NFC), as those of people's organisations."""
    return normalize("NFC", str(text)).strip()


def may_see(label: Label, viewer: Viewer) -> bool:
    """Tell whether a viewer may see what bears this label.

    >>> may_see(Label("Northgrid", "AMBER", ("Coast Guard",)), Viewer("kai", organisation="Coast Guard"))
    True
    >>> may_see(Label("Northgrid", "AMBER"), Viewer("kai", organisation="Coast Guard"))
    False
    """
    if viewer.organisation is None or label.tlp in _OPEN or label == Label():
        return True
    return viewer.organisation == label.owner or viewer.organisation in label.shared_with
