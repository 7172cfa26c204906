"""Run every ``bench_*.py`` beside this file, each in a process of its own, so that peak memory is its own.

Run: ``make bench``, or ``python -m bench [name...]`` for some. A benchmark prints one JSON line a
case; the first line printed here says on what machine and with which versions.
"""

from __future__ import annotations

import json
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

HERE = Path(__file__).resolve().parent
#: Run only when they are named: these take half an hour (`make bench-live`), or want a browser.
LONG = {"live", "console"}


def machine() -> dict[str, object]:
    """Say what the figures were measured on."""
    memory_bytes = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "machine": platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "memory_gib": round(memory_bytes / 2**30, 1),
        "python": platform.python_version(),
        **{name: version(name) for name in ("numpy", "polars", "pyarrow", "pyais")},
    }


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all; give 1 if one of them failed."""
    wanted = {f.stem.removeprefix("bench_"): f for f in sorted(HERE.glob("bench_*.py"))}
    files = [f for name, f in wanted.items() if name in (names or wanted.keys() - LONG)]
    if not files:
        print(
            f"no such benchmark; there are {[f.stem for f in sorted(HERE.glob('bench_*.py'))]}",
            file=sys.stderr,
        )
        return 1
    print(json.dumps(machine()), flush=True)
    failed = 0
    for file in files:
        print(f"# {file.stem}", flush=True)
        failed |= subprocess.run([sys.executable, str(file)], cwd=HERE.parent, check=False).returncode
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
