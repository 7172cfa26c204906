"""Where a judge stood at one place in its log, kept whole so that a crash costs only what came after.

A checkpoint is a cache: without one, or with one that is damaged or of other settings, the log is judged
again. It is Python's own form of objects (pickle) and may only be read from a folder that nobody else can
write to: reading one of somebody else's making would run his code.
"""

from __future__ import annotations

import hashlib
import json
import pickle
from collections.abc import Iterator
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
    """One that was read: what stood where, and whether under the same settings."""

    position: int
    fingerprint: str
    state: Any


@dataclass(frozen=True)
class Checkpoints:
    """The checkpoints of one folder."""

    folder: Path

    def save(self, position: int, fingerprint: str, state: Any) -> int:
        """Write one, whole or not at all, and remove those before the last; gives its size in bytes.

        Raises ``OSError``.
        """
        content = zstandard.compress(pickle.dumps(state, pickle.HIGHEST_PROTOCOL), 1)
        head = {
            "position": position,
            "fingerprint": fingerprint,
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        write_whole(self.folder / f"{position:020d}{_SUFFIX}", json.dumps(head).encode() + b"\n" + content)
        for old in self._newest_first()[_KEPT:]:
            old.unlink(missing_ok=True)
        return len(content)

    def newest(self, fingerprint: str | None = None) -> Checkpoint | None:
        """Give the newest that is whole, of these settings if given; None where there is none."""
        return next((c for c in self._read() if fingerprint in (None, c.fingerprint)), None)

    def oldest_position(self) -> int:
        """Give from where on the log must be kept for all of them; 0 without any."""
        positions = [int(path.stem) for path in self._newest_first()]
        return min(positions, default=0)

    def _newest_first(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{_SUFFIX}"), reverse=True)

    def _read(self) -> Iterator[Checkpoint]:
        for path in self._newest_first():
            try:
                head, _, content = path.read_bytes().partition(b"\n")
                told = json.loads(head)
                if hashlib.sha256(content).hexdigest() != told["sha256"]:
                    continue
                state = pickle.loads(zstandard.decompress(content))  # of our own folder
            except Exception:  # of another version, or damaged: then the log is judged again
                continue
            yield Checkpoint(told["position"], told["fingerprint"], state)
