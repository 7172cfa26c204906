"""Throwaway certificates for tests, by the openssl program; skipped with a reason where there is none."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest


@dataclass(frozen=True)
class Authority:
    """An authority of one's own. ``certificate`` is what a client trusts."""

    folder: Path
    certificate: Path
    key: Path

    def issue(self, name: str, *, host: str = "127.0.0.1", days: int = 2) -> Path:
        """Issue a certificate for an address or host name; gives the PEM of it and its key.

        Negative ``days``: it has expired already.
        """
        key, request, signed = (self.folder / f"{name}.{end}" for end in ("key", "csr", "crt"))
        kind = "IP" if host.replace(".", "").isdigit() else "DNS"
        extensions = self.folder / f"{name}.ext"
        extensions.write_text(f"subjectAltName={kind}:{host}\n")
        made = ["-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", request]
        _openssl("req", *made, "-subj", f"/CN={name}")
        given = ["-in", request, "-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial"]
        _openssl("x509", "-req", *given, "-out", signed, "-days", days, "-extfile", extensions)
        both = self.folder / f"{name}.pem"
        both.write_text(signed.read_text() + key.read_text())
        return both


def authority(folder: Path, name: str = "Test Authority") -> Authority:
    """Make an authority with its files in ``folder``."""
    folder.mkdir(parents=True, exist_ok=True)
    certificate, key = folder / "ca.crt", folder / "ca.key"
    made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", 2]
    _openssl("req", *made, "-subj", f"/CN={name}", "-addext", "basicConstraints=critical,CA:TRUE")
    return Authority(folder, certificate, key)


def _openssl(*arguments: object) -> None:
    program = shutil.which("openssl")
    if program is None:
        pytest.skip("openssl is not installed")
    subprocess.run([program, *map(str, arguments)], check=True, capture_output=True)
