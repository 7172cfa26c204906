"""Make what the console is drawn with: the map library and the basemap.

Run when Seavigil is installed or packed, and by hand with ``python -m seavigil.console.build``. What
is made lies in the folder ``vendor``; where that is right already, nothing is fetched or made.
"""

from __future__ import annotations

import argparse
import hashlib
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from seavigil.console import REASON, REMEDY, VENDOR, missing
from seavigil.console.fetch import Package, Unfetched, fetch

MAPLIBRE = Package(
    "maplibre-gl",
    "6.17.0",
    "2chIZwpLGenoUQOcnm9Pk4SLbA8ppNFq8jlpXiq9vcYm3Y1wJ3fc82FL0GLwBaPYJCLzPv/mC46KEupVov75rQ==",
    {
        "dist/maplibre-gl.mjs": "maplibre-gl.mjs",
        "dist/maplibre-gl-worker.mjs": "maplibre-gl-worker.mjs",
        "dist/maplibre-gl.css": "maplibre-gl.css",
        "LICENSE.txt": "maplibre-gl.LICENSE.txt",
    },
)
ATLAS = Package(
    "world-atlas",
    "2.0.2",
    "IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8IkcPBoXnyTU5lFHcYa5ChG0LQ==",
    {"land-10m.json": "land-10m.json", "countries-10m.json": "countries-10m.json", "LICENSE": "LICENSE"},
)
BASEMAP = "basemap"
STAMP = "made.txt"
HERE = Path(__file__).parent


def recipe() -> str:
    """Give the digest of all that decides what is made: the packages chosen and the code here."""
    digest = hashlib.sha256(repr((MAPLIBRE, ATLAS)).encode())
    for source in [HERE / "build.py", *sorted((HERE / BASEMAP).glob("*.py"))]:
        digest.update(source.read_bytes())
    return digest.hexdigest()


def contents(folder: Path) -> str:
    """Give the digest of every file below ``folder``, by name, without the stamp."""
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.name != STAMP:
            digest.update(path.relative_to(folder).as_posix().encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def fresh(vendor: Path = VENDOR) -> bool:
    """Say whether ``vendor`` holds what this recipe makes, undamaged."""
    try:
        return (vendor / STAMP).read_text(encoding="ascii") == f"{recipe()}\n{contents(vendor)}\n"
    except (OSError, UnicodeDecodeError):
        return False


def make(into: Path) -> None:
    """Fetch the packages and make all in the empty folder ``into``.

    Raises:
        Unfetched: a package cannot be had.
        ImportError: numpy or shapely is not here.
        ValueError: the package holds something else than was thought.
    """
    from seavigil.console import basemap

    with tempfile.TemporaryDirectory() as folder:
        scratch, atlas = Path(folder) / "scratch", Path(folder) / "atlas"
        scratch.mkdir()
        fetch({MAPLIBRE: into, ATLAS: atlas}, scratch)
        basemap.make(atlas, into / BASEMAP)
        shutil.copyfile(atlas / "LICENSE", into / BASEMAP / "LICENSE.txt")
    (into / STAMP).write_text(f"{recipe()}\n{contents(into)}\n", encoding="ascii")


def build(vendor: Path = VENDOR, make: Callable[[Path], None] = make) -> str | None:
    """Make ``vendor`` unless it is right already; give the reason where it could not be made.

    What was there before stays until the new is whole, and where the new cannot be made. The reason
    is kept beside where there is nothing else, for whoever opens the console.
    """
    if fresh(vendor):
        return None
    try:
        with tempfile.TemporaryDirectory(dir=vendor.parent, prefix=f"{vendor.name}-") as folder:
            made = Path(folder) / "made"
            made.mkdir()
            make(made)
            _exchange(made, vendor, Path(folder) / "old")
    except (Unfetched, ImportError, OSError, ValueError) as fault:
        return _kept(str(fault) or type(fault).__name__, vendor)
    return None


def _exchange(made: Path, vendor: Path, old: Path) -> None:
    if vendor.exists():
        vendor.rename(old)
    made.rename(vendor)


def _kept(reason: str, vendor: Path) -> str:
    line = " ".join(reason.split())
    if missing(vendor) is not None:
        try:
            vendor.mkdir(parents=True, exist_ok=True)
            (vendor / REASON).write_text(line + "\n", encoding="utf-8")
        except OSError:
            pass  # said to whoever installs, and that is all that can be done
    return line


def main(arguments: list[str] | None = None) -> int:
    """Make the map library and the basemap from the command line; exit status 1 where they cannot be made."""
    parser = argparse.ArgumentParser(
        prog=REMEDY,
        description="Fetch the map library and make the basemap of the console, unless they are there.",
    )
    parser.parse_args(arguments)
    reason = build()
    if reason is not None:
        print(f"the console's map could not be made: {reason}", file=sys.stderr)  # noqa: T201
        return 1
    print(f"the console's map is in {VENDOR}")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
