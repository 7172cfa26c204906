"""Where a judge stood at one place in its log, kept whole so that a crash costs only what came after.

A checkpoint is a cache: without one, or with one that is damaged or of other settings, the log is judged
again. It is Python's own form of objects (pickle) and may only be read from a folder that nobody else can
write to: reading one of somebody else's making would run his code.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import zstandard

from seavigil.store.disk import write_whole

#: The one before is kept as well, should the newest be damaged.
_KEPT = 2
_SUFFIX = ".checkpoint"


@dataclass(frozen=True)
class Checkpoint:
    """One that was read: what stood where, and under which settings."""

    position: int
    fingerprint: str
    state: Any


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one folder."""

    folder: Path

    def save(self, position: int, fingerprint: str, state: Any) -> int:
        """Write one, whole or not at all, and remove those before the last; gives its size in bytes.

        Those beyond it are of a judging that began again before them: they go as well. Raises ``OSError``.
        """
        content = zstandard.compress(pickle.dumps(state, pickle.HIGHEST_PROTOCOL), 1)
        head = {
            "position": position,
            "fingerprint": fingerprint,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        path = self.folder / f"{position:020d}{_SUFFIX}"
        write_whole(path, json.dumps(head).encode() + b"\n" + content)
        before = [old for old in self._newest_first() if old.name <= path.name]
        for old in {*self._newest_first()} - {*before[:_KEPT]}:
            old.unlink(missing_ok=True)
        return len(content)

    def newest(self, fingerprint: str, upto: int | None = None) -> Checkpoint | None:
        """Give the newest that is whole and not beyond ``upto``, if it is of these settings.

        None where there is none, or where the newest whose settings can be told was made under others:
        what was kept and told since then is of these.
        """
        for path in self._newest_first():
            if upto is not None and int(path.stem) > upto:
                continue
            try:
                head, _, content = path.read_bytes().partition(b"\n")
                told = json.loads(head)
                if told["fingerprint"] != fingerprint:
                    return None
                if hashlib.sha256(content).hexdigest() != told["sha256"]:
                    continue
                state = pickle.loads(zstandard.decompress(content))  # of our own folder
            except Exception:  # damaged: the one before, or the log, is left
                continue
            return Checkpoint(told["position"], fingerprint, state)
        return None

    def same_settings(self, fingerprint: str) -> bool:
        """Whether no checkpoint here says that it was made under other settings."""
        return all(_settings_of(path) in (None, fingerprint) for path in self._newest_first())

    def newest_position(self) -> int:
        """Give up to where rows were kept when the newest was made, whatever became of it; 0 without any."""
        return max(self._positions(), default=0)

    def oldest_position(self) -> int:
        """Give from where on the log must be kept for all of them; 0 without any."""
        return min(self._positions(), default=0)

    def _positions(self) -> list[int]:
        return [int(path.stem) for path in self._newest_first()]

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob(f"{'[0-9]' * 20}{_SUFFIX}"), reverse=True)


def _settings_of(path: Path) -> str | None:
    """Give the settings that a checkpoint was made under; None where that cannot be read."""
    try:
        with path.open("rb") as file:
            return str(json.loads(file.readline())["fingerprint"])
    except (OSError, ValueError, TypeError, KeyError):
        return None
