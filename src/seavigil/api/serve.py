"""The web interface on a port of this machine."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from seavigil.api.app import make_app
from seavigil.api.context import Context


class _Server(uvicorn.Server):
    """Leaves signals to the service, which ends it last."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def bound(host: str, port: int) -> socket.socket:
    """Take the port. Raises ``OSError`` that names it where somebody else has it."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    taken = socket.socket(family, socket.SOCK_STREAM)
    taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        taken.bind((host, port))
    except OSError as fault:
        taken.close()
        raise OSError(fault.errno, f"{fault.strerror}: [api] port takes another", f"{host}:{port}") from fault
    return taken


async def serve(context: Context, taken: socket.socket) -> None:
    """Serve until cancelled."""
    config = uvicorn.Config(make_app(context), log_level="warning", lifespan="off", server_header=False)
    with taken:
        await _Server(config).serve(sockets=[taken])
