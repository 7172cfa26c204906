"""How channels prove whom they talk to."""

from __future__ import annotations

import ssl

#: What is said of the parameter ``ca_file``, wherever there is one.
CA_FILE = {"path": True, "says": "Certificates that are trusted in place of the system's."}


def client_context(ca_file: str | None = None) -> ssl.SSLContext:
    """Give a context that checks certificate and host name, TLS 1.2 or newer.

    ``ca_file``: certificates trusted in place of the system's. Raises ``ValueError`` that names the file.
    """
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except (OSError, ssl.SSLError) as fault:
        raise ValueError(f"ca_file {ca_file}: {fault}") from fault
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context
