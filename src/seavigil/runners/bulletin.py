"""What is new, told to whoever listens: numbered notes, the last of them kept for who was away a moment."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections import deque
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

#: Notes kept for who comes back (own choice: minutes of a busy watch; an alert takes about a kB).
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
    """Takes notes from any thread and gives them to listeners of an event loop.

    Numbers count from 1 in every run; ``run`` tells one run's numbers from another's.
    """

    run: str = field(default_factory=lambda: secrets.token_hex(4))
    _notes: deque[Note] = field(default_factory=lambda: deque(maxlen=KEPT))
    _listeners: set[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Note | None]]] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _number: int = 0
    _ended: bool = False

    def publish(self, kind: str, content: Mapping[str, Any]) -> None:
        """Tell all who listen."""
        with self._lock:
            self._number += 1
            note = Note(self._number, kind, content)
            self._notes.append(note)
            listeners = tuple(self._listeners)
        _tell(listeners, note)

    def end(self) -> None:
        """Let all listeners go, and those who come later: there will be no more news."""
        with self._lock:
            self._ended = True
            listeners = tuple(self._listeners)
        _tell(listeners, None)

    def whole(self, after: int) -> bool:
        """Tell whether all that came after note ``after`` is still kept."""
        with self._lock:
            oldest = self._notes[0].number if self._notes else self._number + 1
            return oldest - 1 <= after <= self._number

    async def listen(self, after: int | None = None) -> AsyncGenerator[Note]:
        """Give what is new, and first what came after note ``after`` as far as it is kept.

        Of what was missed all alerts come again, of other kinds the newest note alone: it says what the
        older ones said and more. Ends with the bulletin, and for a listener that is too far behind: nothing
        is left out unsaid.
        """
        queue: asyncio.Queue[Note | None] = asyncio.Queue(_MOST_WAITING + 1)
        me = (asyncio.get_running_loop(), queue)
        with self._lock:
            missed = [note for note in self._notes if after is not None and note.number > after]
            if self._ended:
                return
            self._listeners.add(me)
        try:
            for note in _worth_telling(missed):
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

    @property
    def number(self) -> int:
        """The number of the newest note, 0 before any."""
        return self._number


def _worth_telling(missed: Sequence[Note]) -> list[Note]:
    newest = {note.kind: note.number for note in missed}
    return [note for note in missed if note.kind == "alert" or note.number == newest[note.kind]]


def _tell(
    listeners: Sequence[tuple[asyncio.AbstractEventLoop, asyncio.Queue[Note | None]]], note: Note | None
) -> None:
    for loop, queue in listeners:
        with suppress(RuntimeError):  # its loop is closed: nobody listens there any more
            loop.call_soon_threadsafe(_put, queue, note)


def _put(queue: asyncio.Queue[Note | None], note: Note | None) -> None:
    if queue.qsize() < _MOST_WAITING:
        queue.put_nowait(note)
    elif not queue.full():
        queue.put_nowait(None)
