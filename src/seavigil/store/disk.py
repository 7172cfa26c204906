"""What goes wrong on a disk, said with the folder's name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def named(folder: Path) -> Iterator[None]:
    """Let an ``OSError`` that names no file, as pyarrow's do, name ``folder`` and say the system's words."""
    try:
        yield
    except OSError as fault:
        if fault.filename is not None or fault.errno is None:
            raise
        raise OSError(fault.errno, os.strerror(fault.errno), str(folder)) from fault
