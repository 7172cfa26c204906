"""Passwords, tokens and names: made, hashed and looked through, the same from the shell and the web."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import unicodedata
from dataclasses import replace
from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from seavigil.records import DAY_US
from seavigil.sharing import ROLES, Viewer
from seavigil.store.people import People, Token, User

#: What a token begins with: it is known for one where it is found by mistake, in a file or a log.
PREFIX = "sv_"
_TOKEN = re.compile(r"sv_[0-9A-Za-z_-]{43}")
#: 256 bits (own choice): nobody guesses one, so its hash needs no salt and takes no time.
_BYTES = 32
_SHOWN = 8
#: Letters, digits and what stands in names and addresses of mail. No colon: names of others have one.
_NAME = re.compile(r"[\w.@+ -]{1,64}")
#: Own choices: long enough that a stolen hash is of little use, short enough for argon2.
LEAST_PASSWORD, MOST_PASSWORD = 12, 256
MOST_ORGANISATION = 100
#: Tokens are good for a year unless said otherwise (own choice), and never for more than ten.
TOKEN_DAYS, MOST_TOKEN_DAYS = 365, 3650


def hashed(secret: str) -> str:
    """Give the SHA-256 of a token or of a session's id, as it is stored."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def is_token(text: str) -> bool:
    """Tell whether a text can be a token."""
    return _TOKEN.fullmatch(text) is not None


def new_secret() -> str:
    """Give the id of a session, or another text that nobody can guess."""
    return secrets.token_urlsafe(_BYTES)


def csrf_of(session: str) -> str:
    """Give what pages must send with each change: only who has the session's id can work it out."""
    return hmac.new(session.encode("utf-8", "replace"), b"csrf", hashlib.sha256).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare in a time that does not tell how much was right."""
    return hmac.compare_digest(given.encode("utf-8", "replace"), expected.encode())


def written(name: str) -> str:
    """Give a name as it is shown (Unicode NFC). Raises ``ValueError`` for what is no name."""
    shown = unicodedata.normalize("NFC", name)
    if _NAME.fullmatch(shown) is None or shown != shown.strip() or not shown.isprintable():
        raise ValueError("a name is 1 to 64 letters, digits, spaces and . @ + - _")
    return shown


def compared(name: str) -> str:
    """Give a name as it is compared: case makes no other user.

    >>> compared("KAI") == compared("kai")
    True
    """
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def organisation_of(name: str | None) -> str | None:
    """Give an organisation's name, None for the house. Raises ``ValueError`` for what is no name."""
    if name is None:
        return None
    found = unicodedata.normalize("NFC", name).strip()
    if not (0 < len(found) <= MOST_ORGANISATION and found.isprintable()):
        raise ValueError(f"an organisation's name is 1 to {MOST_ORGANISATION} letters that can be printed")
    return found


def make_token(
    name: str,
    role: str,
    *,
    made_by: str,
    now_us: int,
    organisation: str | None = None,
    owner: str | None = None,
    days: int | None = TOKEN_DAYS,
) -> tuple[str, Token]:
    """Make a token: the text, which is shown once and kept nowhere, and what is stored of it.

    Raises ``ValueError`` for a name, role, organisation or time of no sense.
    """
    _check_role(role)
    if days is not None and not 1 <= days <= MOST_TOKEN_DAYS:
        raise ValueError(f"a token is good for 1 to {MOST_TOKEN_DAYS} days")
    text = PREFIX + new_secret()
    kept = hashed(text)
    ends_us = None if days is None else now_us + days * DAY_US
    return text, Token(
        kept[:_SHOWN],
        kept,
        written(name),
        role,
        organisation_of(organisation),
        owner,
        made_by,
        now_us,
        ends_us,
    )


def first_token(people: People, now_us: int) -> str | None:
    """Make an admin's token where nobody can come in yet; gives its text, None where somebody can."""
    text, token = make_token("first", "admin", made_by="seavigil", now_us=now_us, days=None)
    return text if people.add_first(token) else None


def token_viewer(token: Token, user: User | None, now_us: int) -> Viewer | None:
    """Give whom a token stands for now; None where it is of no use. ``user``: its owner.

    It can do no more than its owner can now, and sees what the owner sees.
    """
    over = token.expires_us is not None and token.expires_us <= now_us
    if token.revoked_us is not None or over:
        return None
    if token.owner is None:
        return Viewer(f"token:{token.name}", token.role, token.organisation)
    if user is None:
        return None
    role = min(token.role, user.role, key=ROLES.index)
    return Viewer(f"{user.shown} (token:{token.name})", role, user.organisation)


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise ValueError(f"role {role!r}: there are {', '.join(ROLES)}")


class Passwords:
    """Hashes of passwords, by argon2id with the parameters of argon2-cffi (RFC 9106, low memory)."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = hasher or PasswordHasher()

    @cached_property
    def _nobodys(self) -> str:
        """Give a hash that takes as long as anybody's and that no password fits."""
        return self._hasher.hash(new_secret())

    def make_user(
        self,
        name: str,
        role: str,
        password: str,
        *,
        now_us: int,
        organisation: str | None = None,
    ) -> User:
        """Make a user. Raises ``ValueError`` for a name, role, organisation or password of no sense."""
        _check_role(role)
        shown = written(name)
        kept = self.hash(password)
        return User(compared(shown), shown, role, organisation_of(organisation), kept, now_us, now_us)

    def changed(self, user: User, password: str, now_us: int) -> User:
        """Give a user with another password. Raises ``ValueError`` for one of no sense."""
        return replace(user, password=self.hash(password), changed_us=now_us)

    def hash(self, password: str) -> str:
        """Hash a password. Raises ``ValueError`` for one that is too short or too long."""
        text = unicodedata.normalize("NFC", password)
        if not LEAST_PASSWORD <= len(text) <= MOST_PASSWORD:
            raise ValueError(f"a password has {LEAST_PASSWORD} to {MOST_PASSWORD} letters")
        return self._hasher.hash(text)

    def fits(self, user: User | None, password: str) -> bool:
        """Tell whether a password is a user's; for nobody, and for one too long, it takes as long."""
        text, nobodys = unicodedata.normalize("NFC", password), self._nobodys
        kept = nobodys if user is None else user.password
        fitting = len(text) <= MOST_PASSWORD
        try:
            self._hasher.verify(kept, text if fitting else "")
        except (VerificationError, InvalidHashError):
            return False
        return fitting and user is not None

    def newer(self, user: User, password: str) -> str | None:
        """Give the hash by today's parameters where the one kept is by others."""
        if not self._hasher.check_needs_rehash(user.password):
            return None
        return self._hasher.hash(unicodedata.normalize("NFC", password))
