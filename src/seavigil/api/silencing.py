"""What is silenced, or told again, from an alert's page: the orders that are made of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

#: What a person may say of a silence; what it is of comes from the alert.
_SAID = ("for_s", "until", "at_most_priority")
#: Of this alert alone, or of the like of it: the same ship doing nothing else, near no other asset.
OF = ("alert", "like")


def silence_order(line: Mapping[str, Any], said: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a command of silence holds for an alert's line: it is of no alert of its own.

    ``said`` has how long (``for_s`` seconds or ``until``), ``at_most_priority``, and ``of``: one of `OF`,
    else ``alert``. Raises ``ValueError`` for anything else.
    """
    unknown = sorted(set(said) - {*_SAID, "of"})
    if unknown:
        raise ValueError(f"silence: {unknown[0][:40]!r} is not known; there are {', '.join((*_SAID, 'of'))}")
    of = said.get("of", "alert")
    if of not in OF:
        raise ValueError(f"silence: of is one of {', '.join(OF)}")
    scope = _like(line) if of == "like" else {"alerts": [line["alert_id"]]}
    return {"alert_id": None, "arguments": {k: said[k] for k in _SAID if k in said} | scope}


def unsilence_order(line: Mapping[str, Any]) -> dict[str, Any]:
    """Give what a command holds that ends an alert's silence. Raises ``ValueError`` where there is none."""
    silence_id = line.get("silenced_by")
    if not silence_id:
        raise ValueError("unsilence: the alert is not silenced")
    return {"alert_id": None, "arguments": {"silence_id": silence_id}}


def _like(line: Mapping[str, Any]) -> dict[str, Any]:
    """Give what an alert is about: its feed, or its ship with what she does and near which assets."""
    if line.get("feed"):
        return {"feeds": [line["feed"]["name"]]}
    if line.get("vessel") is None:
        raise ValueError("silence: the alert is about no ship and no feed; silence it alone (of: alert)")
    about = {"mmsi": [line["vessel"]["mmsi"]], "behaviours": list(line["behaviours"])}
    assets = [asset["asset_id"] for asset in line["assets"]]
    return about | ({"assets": assets} if assets else {})
