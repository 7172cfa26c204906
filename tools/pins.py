"""Write constraints.txt: for every supported Python, the newest versions that install together.

Run by `make pins`. Each Python named (or found on this machine) gets a fresh environment with
every extra; where the versions differ, the line carries a marker. The file names no addresses:
where packages come from stays the business of each machine's own pip.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

SUPPORTED = ("3.11", "3.12", "3.13")
EXTRAS = "plot,postgres,test,lint,docs,bench,fuzz"
ROOT = Path(__file__).resolve().parents[1]
HEADER = (
    "# Versions known to work together on Python 3.11, 3.12 and 3.13. Renew with: make pins\n"
    "# Use with: pip install --constraint constraints.txt .\n"
)


def freeze(python: str) -> dict[str, str]:
    """Install everything with ``python`` in a fresh environment; give name to version."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([python, "-m", "venv", folder], check=True)
        pip = [f"{folder}/bin/python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", f"{ROOT}[{EXTRAS}]"], check=True, stdout=sys.stderr)
        listing = subprocess.run(
            [*pip, "list", "--format=freeze"], check=True, capture_output=True, text=True
        )
    pairs = (line.split("==") for line in listing.stdout.splitlines() if "==" in line)
    return {name.lower().replace("_", "-"): version for name, version in pairs}


def merge(pins: Mapping[str, Mapping[str, str]]) -> list[str]:
    """Give the constraint lines for ``pins``: Python version to package to its version.

    >>> merge({"3.11": {"numpy": "2.4", "rich": "15"}, "3.13": {"numpy": "2.5", "rich": "15"}})
    ['numpy==2.4; python_version == "3.11"', 'numpy==2.5; python_version == "3.13"', 'rich==15']
    """
    lines = []
    for name in sorted(
        {name for pinned in pins.values() for name in pinned} - {"pip", "seavigil", "setuptools"}
    ):
        found = {python: pinned[name] for python, pinned in pins.items() if name in pinned}
        versions = set(found.values())
        if len(versions) == 1:
            lines.append(f"{name}=={versions.pop()}")
        else:
            lines += [f'{name}=={version}; python_version == "{python}"' for python, version in found.items()]
    return lines


def version_of(python: str) -> str | None:
    """Give the version of ``python`` as ``3.12``, or ``None`` where it does not run."""
    code = "import sys; print('%d.%d' % sys.version_info[:2])"
    try:
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    return done.stdout.strip()


def main(pythons: Sequence[str]) -> None:
    """Write the constraints to standard output; stop when a supported Python is not there."""
    by_version = {version_of(python): python for python in pythons or [f"python{v}" for v in SUPPORTED]}
    missing = [version for version in SUPPORTED if version not in by_version]
    if missing:
        sys.exit(f"no Python {', '.join(missing)} here; pass their paths: make pins PYTHONS='...'")
    pins = {version: freeze(by_version[version]) for version in SUPPORTED}
    sys.stdout.write(HEADER + "\n".join(merge(pins)) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
