"""`seavigil.toml`: what a service is told, every key checked at the start.

Keys may be set by the environment as well, which goes before the file: ``SEAVIGIL_STORE__URL`` is the key
``url`` of the table ``[store]``. Paths are taken from the folder of the file. A key that there is not is
an error that gives the nearest that there is. No error shows a text that was given: it may be a secret.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, NamedTuple, TypeVar, get_args, get_origin

from pydantic import ValidationError
from pydantic_settings import EnvSettingsSource, SettingsError

from seavigil.runners.settings_tables import (
    ENV,
    ApiTable,
    ChannelTable,
    FeedTable,
    OidcTable,
    Settings,
    WatchTable,
)

__all__ = [
    "NAME",
    "ChannelTable",
    "FeedTable",
    "Key",
    "OidcTable",
    "Settings",
    "described",
    "example",
    "read_settings",
]

NAME = "seavigil.toml"
#: Tables of which there may be many, each with a name of its own.
_NAMED: Mapping[str, type[FeedTable | ChannelTable | OidcTable]] = {
    "feeds": FeedTable,
    "channels": ChannelTable,
    "oidc": OidcTable,
}
_Table = TypeVar("_Table", FeedTable, ChannelTable)
_Paths = TypeVar("_Paths", WatchTable, ApiTable)
#: So alike is a slip of the finger; less alike it belongs to the transport or channel, which knows its own
#: keys (own choice; no key of theirs is so like one of these: tests/runners/test_settings.py).
_SLIP = 0.8
#: Names are shown in every line about a feed or channel.
_MOST_NAME = 64


def read_settings(path: Path) -> Settings:
    """Read a settings file, and the environment.

    Raises ``ValueError`` in one line that names file, table and key, and says what is wrong; ``OSError``.
    """
    try:
        settings = _settings(_content(path))
    except ValueError as fault:
        raise ValueError(f"{path}: {_one_line(str(fault))}") from None
    return _absolute(settings, path.resolve().parent)


def _content(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"not UTF-8 ({fault.reason})") from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _settings(content: Mapping[str, Any]) -> Settings:
    """Check names first, for better words, then values."""
    environment = _environment()
    unknown = [*_unknown(content), *(f"the environment: {words}" for words in _unknown(environment))]
    if unknown:
        raise ValueError("; ".join(unknown))
    try:
        return Settings(**content)
    except ValidationError as fault:
        raise ValueError("; ".join(_said(fault))) from None
    except RecursionError:
        raise ValueError("nested too deeply") from None


def _environment() -> dict[str, Any]:
    """Give what the environment sets, and refuse what looks as if it should and does not.

    A variable without a double underscore may be anybody's, as the password of a channel.
    """
    keys = {f"{ENV}{table}_{key}".upper(): f"{ENV}{table}__{key}".upper() for table, key, *_ in described()}
    for name in sorted(os.environ):
        table, two, _ = name.upper().removeprefix(ENV).lower().partition("__")
        if not name.upper().startswith(ENV):
            continue
        if two and table not in Settings.model_fields:
            nearest = _nearest(table, Settings.model_fields)
            raise ValueError(f"the environment: {name}: there is no table [{table}]{nearest}")
        if name.upper() in keys:
            raise ValueError(f"the environment: {name}: write {keys[name.upper()]}, with two underscores")
    try:
        return EnvSettingsSource(Settings)()
    except SettingsError as fault:
        raise ValueError(f"the environment: {fault}") from None


def _unknown(content: Mapping[str, Any]) -> Iterator[str]:
    """Say of each key that there is not which one may be meant."""
    for name, table in content.items():
        known = Settings.model_fields.get(name)
        if known is None:
            yield f"there is no table [{name}]{_nearest(name, Settings.model_fields)}"
        elif name in _NAMED and isinstance(table, Mapping):
            yield from _unknown_named(name, table)
        elif name not in _NAMED and isinstance(table, Mapping):
            model: Any = known.annotation
            for key in [key for key in table if key not in model.model_fields]:
                yield f"[{name}] has no key {key!r}{_nearest(key, model.model_fields)}"


def _unknown_named(name: str, tables: Mapping[str, Any]) -> Iterator[str]:
    fields = _NAMED[name].model_fields
    for called, table in tables.items():
        if not (called and called == called.strip() and called.isprintable() and len(called) <= _MOST_NAME):
            yield f"[{name}.{called!r}]: a name is 1 to {_MOST_NAME} letters that can be printed"
        for key in table if isinstance(table, Mapping) else ():
            near = [] if key in fields else get_close_matches(key, fields, n=1, cutoff=_SLIP)
            if near:
                yield f"[{name}.{called}] has no key {key!r}; did you mean {near[0]!r}?"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def _said(fault: ValidationError) -> Iterator[str]:
    """Say what is wrong where; of what was given only numbers and yes or no."""
    for error in fault.errors():
        where = [str(part) for part in error["loc"]]
        name = ENV + "__".join(where).upper()
        place = f"the environment: {name}: " if name in map(str.upper, os.environ) else ""
        at = where if error["type"] == "value_error" else where[:-1]
        key = "" if error["type"] == "value_error" or not where else f"{where[-1]}: "
        given = error.get("input")
        shown = f" (given: {given})" if isinstance(given, bool | int | float) else ""
        no_table = error["type"] in ("model_type", "dict_type")
        words = "must be a table" if no_table else str(error["msg"]).removeprefix("Value error, ")
        yield f"{place}[{'.'.join(at)}] {key}{words}{shown}" if at else f"{place}{key}{words}{shown}"


def _one_line(text: str) -> str:
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _absolute(settings: Settings, folder: Path) -> Settings:
    """Take paths from the folder of the file."""
    return settings.model_copy(
        update={
            "watch": _paths_beside(settings.watch, folder),
            "api": _paths_beside(settings.api, folder),
            "oidc": {name: _secret_beside(table, folder) for name, table in settings.oidc.items()},
            "store": settings.store.model_copy(update={"url": _store(settings.store.url, folder)}),
            "feeds": {name: _beside(table, folder) for name, table in settings.feeds.items()},
            "channels": {name: _beside(table, folder) for name, table in settings.channels.items()},
        }
    )


def _paths_beside(table: _Paths, folder: Path) -> _Paths:
    """Take every path of a table from the folder."""
    update: dict[str, Any] = {}
    for name in type(table).model_fields:
        value = getattr(table, name)
        if isinstance(value, Path):
            update[name] = folder / value
        elif isinstance(value, list):
            update[name] = [folder / one if isinstance(one, Path) else one for one in value]
    return table.model_copy(update=update)


def _secret_beside(table: OidcTable, folder: Path) -> OidcTable:
    return table.model_copy(update={"client_secret": _placed(table.client_secret, folder)})


def _store(url: str | None, folder: Path) -> str | None:
    """Take a store that is a file from the folder."""
    kind = "sqlite:///" if url is not None and url.startswith("sqlite:///") else ""
    if url is None or ("://" in url and not kind):
        return url
    return f"{kind}{folder / url.removeprefix(kind)}"


def _beside(table: _Table, folder: Path) -> _Table:
    """Take the files that options name from the folder: secrets, and for transports ``*_file``."""
    of_feed = isinstance(table, FeedTable)
    return table.model_copy(
        update={
            key: _placed(value, folder, is_path=of_feed and key.endswith("_file"))
            for key, value in table.options.items()
        }
    )


def _placed(value: Any, folder: Path, *, is_path: bool = False) -> Any:
    if isinstance(value, Mapping):
        return {key: _placed(inner, folder) for key, inner in value.items()}
    if not isinstance(value, str):
        return value
    kind = "" if is_path else "file:"
    name = value.removeprefix(kind)
    stays = not value.startswith(kind) or not name or name.startswith("~")
    return value if stays else f"{kind}{folder / name}"


class Key(NamedTuple):
    """One key: table, name, default as TOML (empty: none), what it is, and what may stand there."""

    table: str
    key: str
    default: str
    says: str
    kind: str


def described() -> Iterator[Key]:
    """Give every key that belongs to no single transport or kind of channel."""
    for name, field in Settings.model_fields.items():
        model: Any = _NAMED.get(name, field.annotation)
        table = f"{name}.NAME" if name in _NAMED else name
        for key, known in model.model_fields.items():
            default = "" if known.is_required() or known.default is None else _toml(known.default)
            yield Key(table, key, default, known.description or "", _kind(known.annotation))


def _kind(annotation: Any) -> str:
    """Say in words what may stand there."""
    if get_origin(annotation) is Literal:
        return ", ".join(get_args(annotation))
    if get_origin(annotation) is list:
        return f"list of {_KINDS[get_args(annotation)[0]]}s"
    inner = [one for one in get_args(annotation) if one is not type(None)]
    return _KINDS[inner[0] if inner else annotation]


_KINDS: Mapping[Any, str] = {
    bool: "true or false",
    int: "whole number",
    float: "number",
    str: "text",
    Path: "path",
}


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f"{value:.15g}" if isinstance(value, float) else str(value)


_HEAD = """\
# Settings of `seavigil serve`. What is commented out stands at its default (...: none). Paths are taken from
# the folder of this file. No password or key stands here: env:NAME or file:PATH says where they lie.
"""
#: What shows how a table with a name of its own is begun.
_BEGUN: Mapping[str, tuple[str, Mapping[str, str]]] = {
    "feeds.NAME": ("feeds.coast", {"url": '"tcp://127.0.0.1:5631"'}),
    "channels.NAME": ("channels.duty", {"kind": '"file"'}),
    "oidc.NAME": (
        "oidc.house",
        {
            "issuer": '"https://id.example"',
            "client_id": '"seavigil"',
            "client_secret": '"env:OIDC_SECRET"',
            "viewer": '["*"]',
        },
    ),
}


def example() -> str:
    """Give a settings file with every key, its default and what it is, in comments."""
    lines: list[str] = [_HEAD.rstrip()]
    shown = ""
    for one in described():
        name, given = _BEGUN.get(one.table, (one.table, {}))
        if one.table != shown:
            lines += ["", f"# [{name}]" if given else f"[{name}]"]
            shown = one.table
        lines.append(f"# {one.key} = {given.get(one.key) or one.default or '...'}  # {one.says}")
    return "\n".join(lines) + "\n"
