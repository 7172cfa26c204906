"""What is new, told to whoever listens: numbered notes, the last of them kept for who was away a moment."""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any

#: Notes kept for who comes back (own choice: minutes of a busy watch, a few MB).
KEPT = 5_000
#: A listener who is so far behind is let go: he comes back and is told the last (own choice).
_MOST_WAITING = 1_000


@dataclass(frozen=True)
class Note:
    """One piece of news: ``kind`` is alert, picture or status."""

    number: int
    kind: str
    content: Mapping[str, Any]


@dataclass
class Bulletin:
    """Takes notes from any thread and gives them to listeners of an event loop."""

    _notes: deque[Note] = field(default_factory=lambda: deque(maxlen=KEPT))
    _listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Note | None]]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0

    def publish(self, kind: str, content: Mapping[str, Any]) -> None:
        """Tell all who listen."""
        with self._lock:
            self._number += 1
            note = Note(self._number, kind, content)
            self._notes.append(note)
            listeners = tuple(self._listeners)
        for loop, queue in listeners:
            if not loop.is_closed():
                loop.call_soon_threadsafe(_put, queue, note)

    async def listen(self, after: int | None = None) -> AsyncIterator[Note]:
        """Give what is new, and first what came after note ``after`` as far as it is kept.

        Ends for a listener that is too far behind: nothing is left out unsaid.
        """
        queue: asyncio.Queue[Note | None] = asyncio.Queue(_MOST_WAITING + 1)
        me = (asyncio.get_running_loop(), queue)
        with self._lock:
            missed = [note for note in self._notes if after is not None and note.number > after]
            self._listeners.add(me)
        try:
            for note in missed:
                yield note
            while (news := await queue.get()) is not None:
                yield news
        finally:
            with self._lock:
                self._listeners.discard(me)

    @property
    def listeners(self) -> int:
        """How many listen."""
        return len(self._listeners)


def _put(queue: asyncio.Queue[Note | None], note: Note) -> None:
    if queue.qsize() < _MOST_WAITING:
        queue.put_nowait(note)
    elif not queue.full():
        queue.put_nowait(None)
