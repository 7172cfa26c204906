"""What a raw log notes beside its segments: which were pruned, and from where on it is still needed."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import asdict, dataclass
from errno import EINVAL
from pathlib import Path

from seavigil.store.rawlog_segments import sync_folder, write_durably

_PRUNED = "pruned.ndjson"
_NEEDED = "needed"


@dataclass(frozen=True, slots=True)
class Pruned:
    """A segment that is gone, with its place in the chain. Digests are SHA-256 in hexadecimal."""

    first_seq: int
    last_seq: int
    size: int  #: bytes that it took on disk
    first_us: int | None
    last_us: int | None
    plain_sha256: str | None
    previous: str | None
    digest: str | None  #: of its seal; null, as what stands above, where that could not be read


def pruned(folder: Path) -> list[Pruned]:
    """Give the segments noted as pruned, oldest first; a note that was not written whole is left out."""
    notes: list[Pruned] = []
    with suppress(FileNotFoundError):
        for line in (folder / _PRUNED).read_bytes().splitlines():
            with suppress(ValueError, TypeError):
                notes.append(Pruned(**json.loads(line)))
    return notes


def note_pruned(folder: Path, notes: Iterable[Pruned]) -> None:
    """Note segments that are about to go; on return that survives a power cut. Raises ``OSError``."""
    path = folder / _PRUNED
    with path.open("ab") as file:
        if file.tell() and not path.read_bytes().endswith(b"\n"):
            file.write(b"\n")
        file.writelines((json.dumps(asdict(note)) + "\n").encode() for note in notes)
        file.flush()
        os.fsync(file.fileno())
    sync_folder(folder)


def needed_from(folder: Path) -> int | None:
    """Give the record from which on the log is needed to go on after a crash; null where none was noted.

    Raises ``OSError``, also when the note makes no sense: then nobody knows what may go.
    """
    path = folder / _NEEDED
    try:
        return int(path.read_bytes())
    except FileNotFoundError:
        return None
    except ValueError as fault:
        raise OSError(EINVAL, "no record number; nothing may be pruned until it is one", str(path)) from fault


def note_needed(folder: Path, seq: int) -> None:
    """Note from which record on the log is needed. Raises ``OSError``."""
    write_durably(folder / _NEEDED, [f"{seq}\n".encode()])
