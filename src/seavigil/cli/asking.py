"""Asking a service that runs how it does: its file tells nothing new while its disk is full."""

from __future__ import annotations

import http.client
import json
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from seavigil.runners.settings_tables import ApiTable
    from seavigil.runners.status import StatusSnapshot

#: Own choice: a service on this machine that has not answered by then hangs.
_WAIT_S = 3.0
#: An answer is a few thousand bytes a feed.
_MOST_BYTES = 1 << 24


def ask_status(folder: Path) -> StatusSnapshot | None:
    """Ask the service of a folder by its web interface how it does.

    None where the settings name no port, nobody answers there, or who does is another service: one with
    another store. Raises ``ValueError`` for settings that cannot be used.
    """
    from seavigil.runners.settings import NAME, read_settings
    from seavigil.store.engine import shown, store_url

    path = folder / NAME
    if not path.is_file():
        return None
    settings = read_settings(path)
    store = shown(store_url(settings.store.url or str(folder.resolve())))
    if not settings.api.enabled or not settings.api.port:
        return None
    found = _told(settings.api, folder)
    return found if found is not None and found.store.shown == store else None


def _told(api: ApiTable, folder: Path) -> StatusSnapshot | None:
    from seavigil.runners.local_key import read_key
    from seavigil.runners.told import status_of

    key = read_key(folder)
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    if not api.here:
        headers["Host"] = api.names[0]
    connection = _connection(api)
    try:
        connection.request("GET", "/api/status", headers=headers)
        answer = connection.getresponse()
        return status_of(json.loads(answer.read(_MOST_BYTES))) if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def _connection(api: ApiTable) -> http.client.HTTPConnection:
    """Give a way to the service of this machine; by TLS only to who has its certificate."""
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(api.host, api.host)
    if api.certificate is None:
        return http.client.HTTPConnection(host, api.port, timeout=_WAIT_S)
    import ssl

    context = ssl.create_default_context(cafile=api.certificate)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    return http.client.HTTPSConnection(host, api.port, timeout=_WAIT_S, context=context)
