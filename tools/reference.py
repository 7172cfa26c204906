"""Make the reference pages that come from the code, while mkdocs builds the site.

Five kinds: the commands (from the command line itself), the settings (from their models and parameters), the
tables (from the Arrow schemas and enums in records), the behaviours (from the catalogue) and the modules
(from the source, read and not run).
Nothing here is kept in git, so nothing here can go stale.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from enum import IntFlag
from pathlib import Path
from typing import Any

SRC = Path(__file__).resolve().parents[1] / "src"
#: Parts whose Python side is for the command line only.
NOT_FOR_IMPORT = ("seavigil.cli",)
#: Enums of records whose numbers stand in columns.
CODES = ("TimeSource", "Transceiver", "Flag")


def on_files(files: Any, *, config: Any) -> Any:
    """Add the generated pages to those that mkdocs found (mkdocs hook)."""
    from mkdocs.structure.files import File

    pages = {
        "reference/cli.md": commands_page(),
        "reference/settings.md": settings_page(),
        "reference/records.md": records_page(),
        "reference/behaviours.md": behaviours_page(),
        **dict(api_pages()),
    }
    for path, text in pages.items():
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, *, page: Any, config: Any, files: Any) -> str:
    """List the decisions on their page, so that adding one is adding a file (mkdocs hook)."""
    del files
    if page.file.src_uri != "decisions/README.md":
        return markdown
    numbered = sorted(Path(config["docs_dir"]).glob("decisions/[0-9]*.md"))
    titles = [file.read_text().partition("\n")[0].lstrip("# ") for file in numbered]
    links = (f"- [{title}]({file.name})\n" for file, title in zip(numbered, titles, strict=True))
    return f"{markdown}\n{''.join(links)}"


# --- commands ---------------------------------------------------------------------------------


def commands_page() -> str:
    """Give the page of all commands: what each does, its arguments and its options."""
    import typer.main

    from seavigil.cli.main import app

    root = typer.main.get_command(app)
    head = "# Commands\n\nAs `seavigil COMMAND --help` says them.\n"
    return head + "".join(_command(root, "seavigil"))


def _command(command: Any, path: str) -> Iterator[str]:
    context = command.context_class(command, info_name=path, terminal_width=96, max_content_width=96)
    yield f"\n## `{path}`\n\n```text\n{command.get_help(context)}\n```\n"
    if hasattr(command, "list_commands"):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _command(inner, f"{path} {name}")


# --- settings ---------------------------------------------------------------------------------

#: What is said of options that are no field of any parameters, or of fields that say nothing of themselves.
_OPTIONS = {
    "first_line": "Sent, with CR LF, when the connection stands.",
    "until_closed": "The feed has ended when the server closes the connection (default: false).",
    "interface": "Name of the network interface on which a multicast group is joined.",
    "by_host": "One sender for all ports of a host (default: false).",
    "baud": "Rate of the port (default: 38400).",
    "topics": "Topics: a list, or a text with commas between; `topic` as well.",
    "topic": "One topic, as `topics`.",
    "user": "Name to log in with.",
    "password": "Its password: env:NAME or file:PATH.",
    "token": "Token to log in with: env:NAME or file:PATH.",
    "credentials_file": "File of credentials, as the `nats` and `nsc` tools write it.",
    "headers": "Headers of the request: a table; a value may be env:NAME or file:PATH.",
    "key": "API key of AISStream: env:NAME or file:PATH. With it the subscription is sent.",
    "boxes": "With a key: list of [south, west, north, east] in degrees; none: the world.",
    "mmsi": "With a key: only these ships.",
    "kinds": "With a key: only these kinds of message.",
    "stream": "JetStream stream; with `consumer`.",
    "consumer": "Its durable consumer.",
    "subject": "A plain subject, in place of stream and consumer.",
    "connect_timeout_s": "A connection must stand within this.",
    "keep_alive_s": "So often the broker is asked whether it lives (1.5 times as long silent: it does not).",
    "max_line_bytes": "Longer lines are counted.",
    "max_message_bytes": "A longer message ends the connection.",
    "factor": "Each further failure may wait so many times longer.",
}
#: Transports: what they are called, an address of each, and where their parameters are.
_TRANSPORTS = (
    ("TCP client: `tcp://`, `tcps://`", "tcp://h:1", ("tcp.TcpParams",)),
    ("TCP server: `tcp-listen://`", "tcp-listen://h:1", ("tcp.TcpParams",)),
    ("UDP: `udp://`", "udp://h:1", ("udp.UdpParams",)),
    ("Serial port: `serial:`", "serial:/dev/x", ("serial_port.SerialParams",)),
    ("MQTT: `mqtt://`, `mqtts://`, `mqtt+ws://`, `mqtt+wss://`", "mqtt+ws://h?topic=t", ("mqtt.MqttParams",)),
    ("Websocket: `ws://`, `wss://`", "ws://h", ("websocket.WebsocketParams",)),
    ("NATS: `nats://`, `nats+tls://`", "nats://h?subject=s", ("nats.NatsParams", "nats.NatsLogin")),
)
_SETTINGS = """\
# Settings of a service

`seavigil.toml` in the service's folder. `seavigil config example` prints a file with every key, `seavigil
config check` says what is wrong with one. A key that there is not is refused, with the nearest that there is.
Paths are taken from the folder of the file (in addresses, write whole ones). What has no default and may be
left out is none; `keep_days = 36525` keeps for good.

Any key may be set by the environment too, which goes before the file: `SEAVIGIL_STORE__URL` is `url` of
`[store]`, `SEAVIGIL_FEEDS__COAST__URL` that of `[feeds.coast]` (names in lower case), lists as JSON. A
variable of `SEAVIGIL_` with two underscores that sets nothing is refused; others may have any name.

Passwords and keys are written nowhere: `env:NAME` or `file:PATH` says where they lie.
"""


def settings_page() -> str:
    """Give the page of `seavigil.toml`: every table, every option of a transport, every key of a channel."""
    from dataclasses import MISSING, fields

    from seavigil.alerts.channels import CHANNELS, described
    from seavigil.feeds.transports.backoff import BackoffParams
    from seavigil.feeds.transports.tls import TlsParams

    parts = [_SETTINGS, *_setting_tables()]
    parts.append(
        "\n## Options of feeds\n\nThey stand beside `url` in the table of a feed, or in its address.\n"
    )
    parts += [_transport(*one) for one in _TRANSPORTS]
    always = {f"retry_{name}": said for name, said in _params_said(BackoffParams).items()}
    parts.append(_options("Trying again: all but standard input", always))
    parts.append(
        _options(
            "Encrypted connections: `tcps`, `mqtts`, `mqtt+wss`, `wss`, `nats+tls`", _params_said(TlsParams)
        )
    )
    parts.append("\n## Keys of channels\n\nThey stand beside `kind` in the table of a channel.\n")
    for name, kind in CHANNELS.items():
        needs = {f.name for f in fields(kind.params) if f.default is f.default_factory is MISSING}
        keys = {
            key: ("needed" if key in needs else f"`{default}`", says)
            for key, default, says in described(name)
        }
        parts.append(_options(f"`{name}`: {kind.says}", keys))
    return "".join(parts)


def _setting_tables() -> Iterator[str]:
    from seavigil.runners import settings_tables
    from seavigil.runners.settings import described

    models = {
        "feeds.NAME": settings_tables.FeedTable,
        "channels.NAME": settings_tables.ChannelTable,
        "oidc.NAME": settings_tables.OidcTable,
    }
    shown = ""
    for one in described():
        if one.table != shown:
            shown = one.table
            model = models.get(shown) or settings_tables.Settings.model_fields[shown].annotation
            yield f"\n## `[{shown}]`\n\n{_prose(model.__doc__ or '')}\n\n"
            yield "| key | may be | default | meaning |\n|---|---|---|---|\n"
        default = f"`{one.default}`" if one.default else ""
        yield f"| `{one.key}` | {_cell(one.kind)} | {default} | {_cell(one.says)} |\n"


def _transport(title: str, address: str, classes: tuple[str, ...]) -> str:
    """List what one transport takes; it says so itself when it is given what it does not."""
    from importlib import import_module

    from seavigil.feeds.transports.urls import transport_of

    said: dict[str, tuple[str, str]] = {}
    for where in classes:
        module, _, name = where.partition(".")
        said |= _params_said(getattr(import_module(f"seavigil.feeds.transports.{module}"), name))
    try:
        transport_of(address, {"????": 1})
    except ValueError as refused:
        known = re.findall(r"\w+", str(refused).rpartition("there are ")[2])
    own = [name for name in known if not name.startswith("retry_")]
    return _options(title, {name: said.get(name) or ("", _OPTIONS[name]) for name in own})


def _params_said(params: Any) -> dict[str, tuple[str, str]]:
    """Give default and meaning of each field that one value can set: the comment beside or above it."""
    import inspect

    lines = inspect.getsource(params).splitlines()
    body = ast.parse("\n".join(lines)).body[0].body  # type: ignore[attr-defined]
    found = {}
    for node in body:
        if not isinstance(node, ast.AnnAssign) or not isinstance(node.target, ast.Name):
            continue
        name, first = node.target.id, node.lineno - 1
        beside = [line.partition("#: ")[2] for line in lines[first : node.end_lineno] if "#: " in line]
        while lines[first - 1].lstrip().startswith("#:"):
            first -= 1
            beside.insert(0, lines[first].lstrip().removeprefix("#:").strip())
        default = "" if node.value is None else ast.unparse(node.value).strip("'")
        if default.startswith(("field(", "None")):
            default = ""
        said = " ".join(beside) or _OPTIONS.get(name)
        if said:
            found[name] = (f"`{default}`" if default else "", said[0].upper() + said[1:].rstrip(".") + ".")
    return found


def _options(title: str, keys: dict[str, tuple[str, str]]) -> str:
    rows = "".join(
        f"| `{name}` | {default} | {_cell(_prose(says))} |\n" for name, (default, says) in keys.items()
    )
    return f"\n### {title}\n\n| key | default | meaning |\n|---|---|---|\n{rows}"


# --- tables -----------------------------------------------------------------------------------


def records_page() -> str:
    """Give the page of all Arrow schemas in records: every column with its unit and meaning."""
    import pyarrow as pa

    from seavigil import records

    head = (
        "# Tables and columns\n\nEvery table that Seavigil reads, passes on or writes has one of these "
        "schemas (`seavigil.records`). A missing value is null. Times are UTC, in microseconds.\n"
    )
    schemas = {name: value for name, value in vars(records).items() if isinstance(value, pa.Schema)}
    tables = "".join(_schema(name, schema) for name, schema in schemas.items())
    return head + tables + "".join(_codes(getattr(records, name)) for name in CODES)


def _schema(name: str, schema: Any) -> str:
    head = f"\n## `{name}`\n\n| column | type | unit | | meaning |\n|---|---|---|---|---|\n"
    return head + "".join(_column(field) for field in schema)


def _column(field: Any) -> str:
    metadata = {key.decode(): value.decode() for key, value in (field.metadata or {}).items()}
    unit, says = metadata.get("unit", ""), metadata.get("says", "")
    never = "" if field.nullable else "never null"
    meaning = f"code: [{says}](#{says.lower()})" if says in CODES else _cell(says)
    return f"| `{field.name}` | {_cell(str(field.type))} | {unit} | {never} | {meaning} |\n"


def _codes(enum: Any) -> str:
    """List the numbers of an enum with the comments that stand beside them in the source."""
    import inspect

    said = dict(re.findall(r"(?m)^    (\w+) = \d+  #: (.+)$", inspect.getsource(enum)))
    head = f"\n## `{enum.__name__}`\n\n{_prose(inspect.getdoc(enum) or '')}\n\n"
    flags = "Numbers add up where several hold: 20 is 4 and 16.\n\n" if issubclass(enum, IntFlag) else ""
    rows = (
        f"| {one.value} | `{one.name.lower()}` | {_cell(_prose(said.get(one.name, '')))} |\n" for one in enum
    )
    return f"{head}{flags}| number | name | meaning |\n|---|---|---|\n{''.join(rows)}"


# --- behaviours -------------------------------------------------------------------------------


def behaviours_page() -> str:
    """Give the page of the catalogue: what each behaviour is, its parameters and its rule."""
    from seavigil.behaviours import CATALOGUE

    head = (
        "# Behaviours\n\nWhat each behaviour means, its rule, where its defaults come from, what it misses "
        "and what innocent things look the same. Parameters are part of every event's id.\n"
    )
    return head + "".join(_behaviour(one) for one in CATALOGUE)


def _behaviour(one: Any) -> str:
    import inspect
    from dataclasses import fields

    text = _prose(inspect.getdoc(inspect.getmodule(one.score)) or "")
    rows = [f"| `{f.name}` | {getattr(one.params, f.name)} |\n" for f in fields(one.params)]
    why = _prose(inspect.getdoc(type(one.params)) or "")
    rule = ", ".join(
        f"`{f.name}` {getattr(one.rule(one.params), f.name):g}" for f in fields(one.rule(one.params))
    )
    head = f"\n## `{one.name}`\n\n{text}\n\n### Parameters\n\n{why}\n\n| parameter | default |\n|---|---|\n"
    return f"{head}{''.join(rows)}\nEpisodes: {rule}. History: {one.history_s:g} s.\n"


# --- modules ----------------------------------------------------------------------------------


def api_pages() -> Iterator[tuple[str, str]]:
    """Give one page per part of the package, and the page that lists them."""
    listing = []
    for part in sorted(SRC.glob("seavigil/*")):
        files = sorted(part.rglob("*.py")) if part.is_dir() else [part] if part.suffix == ".py" else []
        modules = [(name, file.read_text()) for file in files if (name := _public_name(file))]
        if modules:
            yield f"reference/api/{part.stem}.md", "\n".join(_module(*module) for module in modules)
            summary = _docstring(ast.parse(modules[0][1])).split("\n\n")[0].replace("\n", " ")
            listing.append(f"- [`seavigil.{part.stem}`](api/{part.stem}.md): {summary}\n")
    head = "# Python modules\n\nMade from the docstrings. What begins with `_` may change.\n\n"
    yield "reference/api.md", head + "".join(listing)


def _public_name(file: Path) -> str | None:
    name = ".".join(file.relative_to(SRC).with_suffix("").parts).removesuffix(".__init__")
    hidden = name == "seavigil" or any(step.startswith("_") for step in name.split("."))
    return None if hidden or name.startswith(NOT_FOR_IMPORT) else name


def _module(name: str, source: str) -> str:
    tree = ast.parse(source)
    things = [
        _class(node, source.splitlines()) if isinstance(node, ast.ClassDef) else _function(node, "##")
        for node in tree.body
        if isinstance(node, ast.ClassDef | ast.FunctionDef) and not node.name.startswith("_")
    ]
    return "\n".join([f"# `{name}`\n\n{_docstring(tree)}\n", *things])


def _class(node: ast.ClassDef, lines: list[str]) -> str:
    bases = f"({', '.join(ast.unparse(base) for base in node.bases)})" if node.bases else ""
    fields = [
        line  # as it stands in the source, with the comment that says what it is
        for item in node.body
        if isinstance(item, ast.AnnAssign | ast.Assign) and not ast.unparse(item).startswith("_")
        for line in lines[item.lineno - 1 : item.end_lineno]
    ]
    code = "\n".join([f"class {node.name}{bases}:", *fields])
    methods = [m for m in node.body if isinstance(m, ast.FunctionDef) and not m.name.startswith("_")]
    head = f"## `{node.name}`\n\n```python\n{code}\n```\n\n{_docstring(node)}\n"
    return head + "".join(f"\n{_function(method, '###')}" for method in methods)


def _function(node: ast.FunctionDef, heading: str) -> str:
    returns = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    code = f"def {node.name}({ast.unparse(node.args)}){returns}"
    if len(code) > 100:
        code = f"def {node.name}(\n    " + ",\n    ".join(_arguments(node.args)) + f",\n){returns}"
    return f"{heading} `{node.name}`\n\n```python\n{code}\n```\n\n{_docstring(node)}\n"


def _arguments(args: ast.arguments) -> list[str]:
    return re.split(r", (?![^\[\(]*[\]\)])", ast.unparse(args))


# --- text -------------------------------------------------------------------------------------


def _docstring(node: ast.Module | ast.ClassDef | ast.FunctionDef) -> str:
    return _prose(ast.get_docstring(node) or "")


def _prose(docstring: str) -> str:
    """Turn a docstring into Markdown: double backticks to single, Python sessions and lists kept."""
    text = docstring.replace("``", "`").replace("\b", "")
    return re.sub(r"(?m)^(>>> (?:.+\n?)+)", lambda found: f"```pycon\n{found[1].rstrip()}\n```\n", text)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
