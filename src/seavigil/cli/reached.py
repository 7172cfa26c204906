"""How a service is reached, from its settings: who may come in, over what, and what is said of it."""

from __future__ import annotations

import ssl
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path
    from socket import socket

    from seavigil.api import Access, Context
    from seavigil.api.oidc import OidcParams
    from seavigil.api.serve import Wire
    from seavigil.assets import Assets
    from seavigil.feeds.transports.secrets import Secret
    from seavigil.runners.service import Service
    from seavigil.runners.settings import OidcTable, Settings
    from seavigil.store.database import Database


def check_access(settings: Settings) -> None:
    """Check what can be checked before anything starts. Raises ``ValueError`` that names table and key."""
    api = settings.api
    if api.certificate is not None:
        _check_certificate(api.certificate, api.key)
    for name, table in settings.oidc.items():
        if not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
            raise ValueError(f"[oidc.{name}] a name of another house is letters, digits, - and _")
        try:
            import authlib  # type: ignore[import-untyped]  # noqa: F401
            import joserfc  # noqa: F401
        except ImportError:
            raise ValueError(f"[oidc.{name}] needs: pip install 'seavigil[oidc]'") from None
        _secret(name, table).reveal()


def access_of(settings: Settings, key: str | None = None) -> Access:
    """Give how people are known; ``key``: that of the service's folder."""
    from seavigil.api import Access
    from seavigil.api.access import AccessParams
    from seavigil.runners.credentials import hashed

    api, table = settings.api, settings.access
    return Access(
        AccessParams(
            required=api.authentication == "required",
            here=api.here,
            names=tuple(api.names),
            idle_s=table.session_idle_h * 3600.0,
            session_s=table.session_days * 86_400.0,
            requests_per_s=api.requests_per_s,
            burst=api.burst,
            oidc={name: _oidc(name, one) for name, one in settings.oidc.items()},
            local=None if key is None else hashed(key),
        )
    )


def wire_of(settings: Settings) -> Wire:
    """Give what it goes over."""
    from seavigil.api.serve import Wire

    api = settings.api
    return Wire(api.certificate, api.key, tuple(api.behind_proxy))


def context_of(settings: Settings, service: Service) -> Context:
    """Give what the web interface works with."""
    from seavigil.api import Context
    from seavigil.runners.local_key import new_key
    from seavigil.runners.settings_shown import settings_shown

    access = access_of(settings, new_key(service.folder))
    return Context(service, service.database, access, settings_shown(settings))


def say_access(settings: Settings, assets: Assets | None, store: Database) -> None:
    """Say on stderr what has to be said of who may come in.

    Where nobody can come in yet an admin's token is made; it is printed this once, and kept nowhere.
    """
    import time

    from seavigil.api.access import wrong_labels
    from seavigil.runners.credentials import first_token

    said = [f"label of {line}" for line in wrong_labels(assets)]
    if settings.api.exposed:
        said.append(settings.api.exposed)
    required = settings.api.authentication == "required"
    text = first_token(store.people, time.time_ns() // 1000) if required else None
    if text is not None:
        said.append(f"token of an admin, shown this once: {text} (another: seavigil access token new)")
    for line in said:
        print(line, file=sys.stderr, flush=True)


def say_address(settings: Settings, taken: socket) -> None:
    """Say on stderr where the console is."""
    api, (host, port) = settings.api, taken.getsockname()[:2]
    name = api.names[0] if api.names else f"[{host}]" if ":" in host else host
    scheme = "https" if api.certificate is not None else "http"
    print(f"console: {scheme}://{name}:{port}/", file=sys.stderr, flush=True)


def _oidc(name: str, table: OidcTable) -> OidcParams:
    from seavigil.api.oidc import OidcParams

    return OidcParams(
        issuer=table.issuer,
        client_id=table.client_id,
        secret=_secret(name, table).reveal,
        scope=table.scope,
        name_claim=table.name_claim,
        role_claim=table.role_claim,
        roles={"admin": tuple(table.admin), "operator": tuple(table.operator), "viewer": tuple(table.viewer)},
        organisation_claim=table.organisation_claim,
        house=tuple(table.house),
    )


def _secret(name: str, table: OidcTable) -> Secret:
    from seavigil.feeds.transports.secrets import secret_of

    return secret_of(table.client_secret, what=f"[oidc.{name}] client_secret")


def _check_certificate(certificate: Path, key: Path | None) -> None:
    """Raise ``ValueError`` for one that cannot be used; a key with a password is not asked for it."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_cert_chain(certificate, key, password="")
    except ssl.SSLError as fault:
        raise ValueError(f"[api] certificate {certificate}: {fault.reason or 'cannot be used'}") from None
    except OSError as fault:
        raise ValueError(f"[api] certificate {certificate}: {fault.strerror}") from None
    except ValueError:
        raise ValueError(f"[api] key {key or certificate}: has a password; give one without") from None
