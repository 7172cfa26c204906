"""`seavigil`: every command, its errors in one line, its exit codes."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import Annotated

import typer

from seavigil import __version__
from seavigil.cli.access import app as access
from seavigil.cli.alert import app as alert
from seavigil.cli.assets import app as assets
from seavigil.cli.channels import app as channels
from seavigil.cli.config import app as config
from seavigil.cli.console import console
from seavigil.cli.demo import demo
from seavigil.cli.exercise import app as exercise
from seavigil.cli.fault import app as fault
from seavigil.cli.forecast import forecast
from seavigil.cli.inspect import inspect
from seavigil.cli.log import app as log
from seavigil.cli.normal import app as normal
from seavigil.cli.output import drop_stdout
from seavigil.cli.rules import app as rules
from seavigil.cli.scorecard import scorecard
from seavigil.cli.serve import serve
from seavigil.cli.status import status
from seavigil.cli.store import app as store
from seavigil.cli.suspects import suspects
from seavigil.cli.track import track
from seavigil.cli.watch import watch

#: 0 done, 1 usage or input error, 2 done but some input was rejected beyond the limit.
DONE, FAILED, REJECTED, INTERRUPTED, TERMINATED = 0, 1, 2, 130, 143

app = typer.Typer(
    name="seavigil",
    help="Keeps watch over undersea and offshore infrastructure, from AIS and open data.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
for command in (watch, serve, console, status, forecast, suspects, track, inspect, demo, scorecard):
    app.command()(command)
app.add_typer(access, name="access")
app.add_typer(alert, name="alert")
app.add_typer(assets, name="assets")
app.add_typer(channels, name="channels")
app.add_typer(config, name="config")
app.add_typer(exercise, name="exercise")
app.add_typer(fault, name="fault")
app.add_typer(log, name="log")
app.add_typer(normal, name="normal")
app.add_typer(rules, name="rules")
app.add_typer(store, name="store")


def _version(wanted: bool) -> None:
    if wanted:
        print(f"seavigil {__version__}")
        raise typer.Exit


@app.callback()
def _common(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and leave with its exit code."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _terminate)
    _mend_streams()
    sys.exit(run(sys.argv[1:]))


def _mend_streams() -> None:
    """Put nothing where the caller closed a stream; let no letter unknown to a terminal stop us."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


class _Terminated(BaseException):
    """Somebody wants us to end: no step may take it for a fault of its own."""


def _terminate(_number: int, _frame: FrameType | None) -> None:
    raise _Terminated


def run(arguments: list[str]) -> int:
    """Run one command; gives the exit code. Errors go to stderr as one line, never as a traceback."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="seavigil", standalone_mode=False)
    except KeyboardInterrupt:
        code = INTERRUPTED
    except _Terminated:
        return _fail("terminated", TERMINATED)
    except (BrokenPipeError, SystemExit):  # our reader has gone, as `| head` does; click and rich exit then
        drop_stdout()
        return DONE
    except Exception as error:
        return _explain(error)
    return _fail("interrupted", INTERRUPTED) if code == INTERRUPTED else int(code or DONE)


def _explain(error: Exception) -> int:
    if hasattr(error, "exit_code") and hasattr(error, "format_message"):  # click's usage errors and Abort
        context = getattr(error, "ctx", None)
        if type(error).__name__ == "NoArgsIsHelpError":  # its message is the help
            print(error.format_message(), file=sys.stderr)
            return FAILED
        where = f" (see: {context.command_path} --help)" if context is not None else ""
        return _fail(f"{error.format_message()}{where}", FAILED)
    if type(error).__name__ == "Abort":
        return _fail("interrupted", INTERRUPTED)
    if isinstance(error, OSError):
        name = error.filename or "output"  # what we open has a name, what we print to has none
        return _fail(f"{name}: {error.strerror or error}", FAILED)
    if isinstance(error, ValueError):
        return _fail(str(error), FAILED)
    if isinstance(error, MemoryError):
        return _fail("not enough memory (see: seavigil watch --help, --memory-rows)", FAILED)
    raise error


def _fail(message: str, code: int) -> int:
    print("seavigil: " + " ".join(message.split()), file=sys.stderr)
    return code
