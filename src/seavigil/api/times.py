"""Times of the store's rows, microseconds inside, RFC 3339 UTC to the outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from seavigil.records import rfc3339


def outside(row: Mapping[str, Any]) -> dict[str, Any]:
    """Give a row with its times written out: ``wall_us`` becomes ``wall_at``; all else as it is.

    >>> outside({"wall_us": 0, "text": "quiet"})
    {'wall_at': '1970-01-01T00:00:00Z', 'text': 'quiet'}
    """
    return {_name(key): rfc3339(value) if key.endswith("_us") else value for key, value in row.items()}


def _name(key: str) -> str:
    return key.removesuffix("_us") + "_at" if key.endswith("_us") else key
