"""Encrypted connections: one way to set them up, and what went wrong in words."""

from __future__ import annotations

import errno
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path

#: Verification results of OpenSSL (x509_vfy.h) that a person can do something about.
_NOT_YET_VALID, _EXPIRED, _SELF_SIGNED, _SELF_SIGNED_CHAIN = 9, 10, 18, 19
_NO_LOCAL_ISSUER, _NO_ISSUER_AT_ALL, _REVOKED, _WRONG_HOST, _WRONG_ADDRESS = 20, 21, 23, 62, 64
_UNKNOWN_AUTHORITY = (_SELF_SIGNED, _SELF_SIGNED_CHAIN, _NO_LOCAL_ISSUER, _NO_ISSUER_AT_ALL)
#: Alerts with which a server asks for another client certificate (RFC 8446, 6.2; RFC 5246, 7.2.2).
_CERTIFICATE_ALERTS = (
    *("CERTIFICATE_REQUIRED", "BAD_CERTIFICATE", "CERTIFICATE_UNKNOWN", "UNKNOWN_CA"),
    *("CERTIFICATE_EXPIRED", "CERTIFICATE_REVOKED", "ACCESS_DENIED"),
)


@dataclass(frozen=True, kw_only=True)
class TlsParams:
    """Whom to trust, and who we are. Verification cannot be switched off: give the server's authority."""

    ca_file: Path | None = None  #: PEM of the authorities to trust; the system's where there is none
    certificate_file: Path | None = None  #: PEM of our own certificate, where the server wants one
    key_file: Path | None = None  #: PEM of its key, where that lies in another file


def client_context(params: TlsParams) -> ssl.SSLContext:
    """Set up a client's side: TLS 1.2 or newer (RFC 9325, 3.1.1), host name and chain checked.

    Raises `ValueError` in words where a file cannot be used.
    """
    ca_file = None if params.ca_file is None else _readable(params.ca_file, "certificates")
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except ssl.SSLError as fault:
        raise ValueError(f"{params.ca_file}: its certificates cannot be read ({_reason(fault)})") from None
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    if params.certificate_file is not None:
        _own_certificate(context, params.certificate_file, params.key_file)
    elif params.key_file is not None:
        raise ValueError("key_file: of no use without certificate_file")
    return context


def _readable(path: Path, what: str) -> str:
    try:
        text = path.expanduser().read_text(encoding="ascii", errors="replace")
    except OSError as fault:
        raise ValueError(f"{path}: {fault.strerror or fault}") from None
    if "-----BEGIN" not in text:
        raise ValueError(f"{path}: no {what} in PEM form")
    return str(path.expanduser())


def _own_certificate(context: ssl.SSLContext, certificate: Path, key: Path | None) -> None:
    certificate_file = _readable(certificate, "certificate")
    key_file = None if key is None else _readable(key, "key")
    try:
        # an empty password: a key that is locked is an error, not a question at the terminal
        context.load_cert_chain(certificate_file, key_file, password="")
    except ssl.SSLError as fault:
        raise ValueError(f"{certificate}: it or its key cannot be used ({_reason(fault)})") from None


def _reason(fault: ssl.SSLError) -> str:
    return (fault.reason or str(fault)).replace("_", " ").lower()


def is_refusal(fault: BaseException) -> bool:
    """Tell whether trying again will not help before somebody has looked: certificates, no TLS there."""
    if not isinstance(fault, ssl.SSLError):
        return False
    reason = fault.reason or ""
    return (
        isinstance(fault, ssl.SSLCertVerificationError)
        or any(alert in reason for alert in _CERTIFICATE_ALERTS)
        or reason in ("WRONG_VERSION_NUMBER", "UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION")
    )


def network_words(fault: BaseException, host: str) -> str:
    """Say in one line what the network did, for a person who can mend it."""
    if isinstance(fault, ssl.SSLError):
        return _tls_words(fault, host)
    if isinstance(fault, (socket.gaierror, UnicodeError)):
        return f"{host}: no such host name, or no name server answers"
    if isinstance(fault, TimeoutError):
        return f"{host}: no answer in time"
    if isinstance(fault, ConnectionRefusedError) or getattr(fault, "errno", None) == errno.ECONNREFUSED:
        return f"{host}: nothing listens there"
    if isinstance(fault, (EOFError, ConnectionError)):
        return f"{host}: the other side closed the connection"
    return f"{host}: {getattr(fault, 'strerror', None) or str(fault) or type(fault).__name__}"


def _tls_words(fault: ssl.SSLError, host: str) -> str:
    if isinstance(fault, ssl.SSLCertVerificationError):
        return f"{host}: {_verification_words(fault)}"
    reason = fault.reason or ""
    if any(alert in reason for alert in _CERTIFICATE_ALERTS):
        return f"{host}: the server wants a client certificate, or another one (certificate_file, key_file)"
    if reason in ("WRONG_VERSION_NUMBER", "HTTP_REQUEST", "UNEXPECTED_EOF_WHILE_READING"):
        return f"{host}: no TLS is spoken at this port; is it the right one, and meant to be encrypted?"
    if reason in ("UNSUPPORTED_PROTOCOL", "TLSV1_ALERT_PROTOCOL_VERSION"):
        return f"{host}: the server speaks only TLS older than 1.2, which is not safe any more"
    return f"{host}: TLS failed ({_reason(fault)})"


def _verification_words(fault: ssl.SSLCertVerificationError) -> str:
    code = fault.verify_code
    if code == _EXPIRED:
        return "the server's certificate has expired (or this machine's clock is ahead)"
    if code == _NOT_YET_VALID:
        return "the server's certificate is not valid yet (or this machine's clock is behind)"
    if code in (_WRONG_HOST, _WRONG_ADDRESS):
        return "the server's certificate is for another host name"
    if code in _UNKNOWN_AUTHORITY:
        return "the server's certificate comes from an unknown authority; if it is right, name it by ca_file"
    if code == _REVOKED:
        return "the server's certificate has been revoked"
    return f"the server's certificate is not accepted ({fault.verify_message})"
