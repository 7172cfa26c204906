"""A key that lies in the service's folder: who can read it may read what the service says of itself."""

from __future__ import annotations

import os
from pathlib import Path

from seavigil.runners.credentials import PREFIX, is_token, new_secret

FILE_NAME = "api.key"


def new_key(folder: Path) -> str | None:
    """Write another key, which only the service's own user can read; gives it.

    Where there is no room for it the one that is there stays; None where there is none.
    """
    text, path = PREFIX + new_secret(), folder / FILE_NAME
    half = path.with_suffix(".part")
    try:
        half.unlink(missing_ok=True)
        number = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(number, "w", encoding="ascii") as file:
            file.write(text + "\n")
        half.replace(path)
    except OSError:
        return read_key(folder)
    return text


def read_key(folder: Path) -> str | None:
    """Give the key of a service's folder, None where there is none or it may not be read."""
    try:
        text = (folder / FILE_NAME).read_text(encoding="ascii").strip()
    except (OSError, ValueError):
        return None
    return text if is_token(text) else None
