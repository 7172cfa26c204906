"""Tells systemd how the service does, where it asks: ready, alive, stopping (see sd_notify(3))."""

from __future__ import annotations

import asyncio
import os
import socket
import time

from seavigil.runners.service import Service

#: A judge that did nothing for so long, though it should look every half second, is stuck (own choice: the
#: longest step seen, a checkpoint of 100,000 ships, is far below).
STUCK_S = 120.0
_SAY_EVERY_S = 5.0


def notify(said: str) -> bool:
    """Tell systemd; gives whether there was anybody to tell."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return False
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as said_to:
        try:
            said_to.connect("\0" + address[1:] if address.startswith("@") else address)
            said_to.sendall(said.encode())
        except OSError:
            return False
    return True


def stuck(service: Service) -> bool:
    """Whether judging has not moved for so long that only a new start helps."""
    return time.monotonic() - service.keeper.progress.alive_s > STUCK_S


async def supervised(service: Service) -> None:
    """Say again and again that all is well, as long as it is; systemd starts anew what falls silent."""
    if not notify("READY=1"):
        return
    try:
        while True:
            if not stuck(service):
                notify("WATCHDOG=1")
            await asyncio.sleep(_SAY_EVERY_S)
    finally:
        notify("STOPPING=1")
