"""Passwords and keys: named by where they lie, read when they are needed, shown never."""

from __future__ import annotations

import logging
import os
import re
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit, urlunsplit

_LOG = logging.getLogger("seavigil.feeds")

#: What stands where a secret was.
CUT = "***"
#: A file this long is no password and no key (own choice).
_MAX_BYTES = 65_536
#: Query parameters that may be shown: names of our own options, and words in which nobody puts a secret.
_HARMLESS = frozenset(
    {"baud", "bbox", "client_id", "consumer", "durable", "format", "lang", "qos", "stream", "subject"}
    | {"topic", "topics", "version"}
)


@dataclass(frozen=True)
class Secret:
    """A password or key that lies in an environment variable or a file; only its place is ever printed."""

    place: str  #: ``env:NAME`` or ``file:PATH``

    def __str__(self) -> str:
        return self.place

    def reveal(self) -> str:
        """Read it, anew each time: a key that was exchanged works without a restart.

        Raises `ValueError` in words, without the value, where there is none.
        """
        kind, _, name = self.place.partition(":")
        value = os.environ.get(name) if kind == "env" else _file_text(name)
        if value is None:
            raise ValueError(f"{self.place}: no such environment variable")
        if not value.strip():
            raise ValueError(f"{self.place}: empty")
        return value.strip()


def secret_of(text: str, *, what: str) -> Secret:
    """Take ``env:NAME`` or ``file:PATH``; ``what`` names the option in errors.

    Raises `ValueError` for anything else, without repeating it: it may be the secret itself.
    """
    if not is_place(text):
        raise ValueError(f"{what}: give env:NAME or file:PATH, not the value itself")
    return Secret(text)


def is_place(text: str) -> bool:
    """Tell whether ``text`` says where a secret lies."""
    kind, _, name = text.partition(":")
    return kind in ("env", "file") and bool(name)


#: Files about which a warning was given already.
_warned: set[str] = set()


def _file_text(name: str) -> str:
    path = Path(name).expanduser()
    try:
        with path.open("rb") as file:
            mode = stat.S_IMODE(os.fstat(file.fileno()).st_mode)
            data = file.read(_MAX_BYTES + 1)
    except OSError as fault:
        raise ValueError(f"file:{name}: {fault.strerror or fault}") from None
    if len(data) > _MAX_BYTES:
        raise ValueError(f"file:{name}: over {_MAX_BYTES} bytes, this is no password")
    if mode & 0o077 and name not in _warned:
        _warned.add(name)
        _LOG.warning("file:%s may be read by others than its owner (mode %o): chmod 600 it", name, mode)
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise ValueError(f"file:{name}: not UTF-8 text") from None


def shown_url(url: str) -> str:
    """Give a URL as it may be shown: without user, password, and query values that may be secret."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return CUT
    netloc = f"{CUT}@{parts.netloc.rpartition('@')[2]}" if "@" in parts.netloc else parts.netloc
    query = "&".join(_shown_parameter(p) for p in parts.query.split("&")) if parts.query else ""
    return urlunsplit((parts.scheme, netloc, parts.path, query, ""))


def _shown_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    if not equals:
        return CUT  # a bare token
    return parameter if name.lower() in _HARMLESS or is_place(unquote(value)) else f"{name}={CUT}"


def filled_in(url: str) -> str:
    """Replace query values that say where a secret lies (``?token=env:TOKEN``) by the secret.

    The result is for the wire only. Raises `ValueError` as `Secret.reveal` does.
    """
    parts = urlsplit(url)
    if not parts.query:
        return url
    query = "&".join(_filled_parameter(p) for p in parts.query.split("&"))
    return urlunsplit(parts._replace(query=query))


def _filled_parameter(parameter: str) -> str:
    name, equals, value = parameter.partition("=")
    place = unquote(value)
    return f"{name}={quote(Secret(place).reveal(), safe='')}" if equals and is_place(place) else parameter


@dataclass(frozen=True)
class Cutter:
    """Cuts known secrets out of words that came from elsewhere: a server may repeat what it was sent."""

    values: tuple[str, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, values: Iterable[str | None]) -> Cutter:
        """Take the secrets that were sent; what is empty is left out."""
        return cls(tuple(sorted({v for v in values if v}, key=len, reverse=True)))

    def cut(self, text: str) -> str:
        """Give ``text`` on one line, at most 200 characters, without the secrets, plain or quoted."""
        for value in self.values:
            for form in (value, quote(value, safe="")):
                text = text.replace(form, CUT)
        return re.sub(r"\s+", " ", text).strip()[:200]
