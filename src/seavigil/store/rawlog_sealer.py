"""Seals closed segments of the raw log one after another, in a thread of its own."""

from __future__ import annotations

import threading
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from seavigil.store.rawlog_notes import pruned
from seavigil.store.rawlog_seal import seal
from seavigil.store.rawlog_segments import Segment, segments

#: After a failure it is tried again after so long. Own choice: a full disk is seldom emptied sooner.
_AGAIN_S = 60.0


class Sealer:
    """Seals every plain segment before a number; what fails is said and tried again, the log stays whole."""

    def __init__(self, folder: Path, frame_bytes: int, say: Callable[[str], None]) -> None:
        self._folder, self._frame_bytes, self._say = folder, frame_bytes, say
        self._changed = threading.Condition()
        self._limit = 0
        self._due = self._stuck = self._closed = False
        self._thread = threading.Thread(target=self._run, name="rawlog-seal", daemon=True)
        self._thread.start()

    def before(self, first_seq: int) -> None:
        """Seal what lies before the segment ``first_seq``, in the background."""
        with self._changed:
            self._limit, self._due = first_seq, True
            self._changed.notify_all()

    def settle(self) -> bool:
        """Wait until there is nothing to do; gives whether all is sealed."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._due)
            return not self._stuck

    def close(self) -> None:
        """Stop, when the segment at hand is done."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(
                    lambda: self._closed or self._due, timeout=_AGAIN_S if self._stuck else None
                )
                if self._closed:
                    return
                limit = self._limit
            stuck = not self._seal_all(limit)
            with self._changed:
                self._stuck, self._due = stuck, self._limit != limit
                self._changed.notify_all()

    def _seal_all(self, limit: int) -> bool:
        before: Segment | None = None
        for segment in segments(self._folder):
            if self._closed or segment.first_seq >= limit:
                break
            if segment.plain:
                try:
                    sealed = seal(segment, previous(self._folder, before), self._frame_bytes)
                except OSError as fault:
                    if not self._stuck:
                        self._say(f"{segment.name} cannot be sealed yet: {fault.strerror or fault}")
                    return False
                if sealed.damaged_at is not None:
                    self._say(
                        f"{segment.name} was damaged from byte {sealed.damaged_at} on when it was sealed"
                    )
            before = segment
        return True


def previous(folder: Path, before: Segment | None) -> str | None:
    """Give the digest of the seal before: of the segment ``before``, or of the last one pruned."""
    if before is None:
        return next((note.digest for note in reversed(pruned(folder))), None)
    try:
        return sha256(before.seal_path.read_bytes()).hexdigest()
    except FileNotFoundError:
        return None
