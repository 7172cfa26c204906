"""The web interface on a port of this machine."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from seavigil.api.app import make_app
from seavigil.api.connections import BoundedConnection, more_files
from seavigil.api.context import Context

#: Who takes nothing of what was sent to him for so long is cut off by the system (own choice).
_STUCK_MS = 60_000
#: Answers on their way are waited for so long in the end (own choice: a watch is to end within two seconds).
_END_S = 1.0


@dataclass(frozen=True)
class Wire:
    """What it goes over: TLS by a certificate (PEM), or proxies that are believed whom they speak for."""

    certificate: Path | None = None
    key: Path | None = None
    behind_proxy: tuple[str, ...] = ()


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
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; connections take it over
        taken.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, _STUCK_MS)
    try:
        taken.bind((host, port))
    except OSError as fault:
        taken.close()
        raise OSError(fault.errno, f"{fault.strerror}: [api] port takes another", f"{host}:{port}") from fault
    return taken


def _config(app: FastAPI, wire: Wire) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=BoundedConnection,
        log_level="warning",
        lifespan="off",
        server_header=False,
        ssl_certfile=wire.certificate,
        ssl_keyfile=wire.key,
        # left to itself it would believe whoever asks from this machine
        proxy_headers=bool(wire.behind_proxy),
        forwarded_allow_ips=list(wire.behind_proxy),
    )


async def serve(context: Context, taken: socket.socket, wire: Wire | None = None) -> None:
    """Serve until cancelled."""
    more_files()
    app = make_app(context)
    server = _Server(_config(app, wire or Wire()))
    with taken:
        try:
            await server.serve(sockets=[taken])
        except asyncio.CancelledError:
            context.service.bulletin.end()  # who listens to what is new would listen for good
            until_s = asyncio.get_running_loop().time() + _END_S
            while server.server_state.tasks and asyncio.get_running_loop().time() < until_s:
                await asyncio.sleep(0.02)
            raise
        finally:
            app.state.inquiries.stop()
