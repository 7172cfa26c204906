"""What is watched, with what knowledge and by what rules: the same for recordings and live feeds."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import seavigil
from seavigil import __version__
from seavigil.alerts import BookParams
from seavigil.assets import Assets
from seavigil.assets.edits import with_edits
from seavigil.behaviours import CATALOGUE, Behaviour
from seavigil.behaviours.areas import AREA_CATALOGUE, AreaBehaviour
from seavigil.forecast.next_assets import CallParams
from seavigil.risk import Policy
from seavigil.runners.known import Known
from seavigil.runners.live import Watch

_PACKAGE = Path(seavigil.__file__).parent
#: Parts of the code of which nothing is stored with a judge.
_JUDGES_NOT = frozenset({"api", "cli", "console", "exercises"})


@dataclass(frozen=True)
class Plan:
    """Everything a watch goes by. ``fingerprint`` changes with any of it."""

    assets: Assets | None
    known: Known
    policy: Policy
    fingerprint: str
    catalogue: tuple[Behaviour, ...] = CATALOGUE
    areas: tuple[AreaBehaviour, ...] = AREA_CATALOGUE
    call: CallParams | None = None

    def edited(self, uncertainty_m: Mapping[str, float]) -> Plan:
        """Give the plan with the uncertainties (m, by asset id) that people set since: then it is another."""
        if self.assets is None:
            return self
        assets = with_edits(self.assets, uncertainty_m)
        both = zip(assets, self.assets, strict=True)
        set_now = [(one.asset_id, one.position_uncertainty_m) for one, was in both if one is not was]
        if not set_now:
            return self
        said = hashlib.sha256(repr((self.fingerprint, set_now)).encode()).hexdigest()
        return replace(self, assets=assets, fingerprint=said)

    def watch(self, book: BookParams) -> Watch:
        """Give a watch that has heard nothing yet."""
        return Watch(self.assets, self.catalogue, self.known, self.policy, self.areas, self.call, book=book)


def fingerprint(paths: Iterable[Path], *said: object) -> str:
    """Give a digest of files (folders: all in them), of what was said beside them, and of this very code.

    Raises ``OSError`` for a file that cannot be read.
    """
    digest = hashlib.sha256(repr((__version__, code_digest(), *said)).encode())
    for path in paths:
        for file in _files(path):
            digest.update(f"\n{file}\n".encode())
            with file.open("rb") as content:
                digest.update(hashlib.file_digest(content, "sha256").digest())
    return digest.hexdigest()


@cache
def code_digest(package: Path = _PACKAGE) -> str:
    """Give a digest of the code that judges: what other code of the same version stored may not fit it.

    It takes some 20 ms, once. Without source files there is only the version to go by.
    """
    digest = hashlib.sha256()
    for file in sorted(package.rglob("*.py")):
        name = file.relative_to(package)
        if name.parts[0] not in _JUDGES_NOT:
            digest.update(f"\n{name.as_posix()}\n".encode() + file.read_bytes())
    return digest.hexdigest()


def _files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(p for p in path.rglob("*") if p.is_file())
    else:
        yield path
