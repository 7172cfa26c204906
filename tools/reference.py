"""Make the reference pages that come from the code, while mkdocs builds the site.

Four kinds: the commands (from the command line itself), the tables (from the Arrow schemas and
enums in records), the behaviours (from the catalogue) and the modules (from the source, read and not run).
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
