"""Who a request is from: a token in its header, a session's cookie, or nobody."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from starlette.datastructures import Headers

from seavigil.api.access import HERE, Access
from seavigil.records import DAY_US, SECOND_US
from seavigil.runners.credentials import csrf_of, hashed, is_token, same, token_viewer
from seavigil.sharing import Viewer
from seavigil.store.database import Database
from seavigil.store.people import People, Session

COOKIE = "seavigil_session"
#: A session's last use is noted to the minute (own choice): not every request writes.
_NOTED_US = 60 * SECOND_US


@dataclass(frozen=True)
class Identity:
    """Whom a request is from. ``owner``: the user, as compared; ``session``: the hash of the session's id."""

    viewer: Viewer
    method: str  #: none, token or session
    owner: str | None = None
    token_id: str | None = None
    session: str | None = None
    csrf: str | None = None

    @property
    def key(self) -> tuple[str, str]:
        """What its requests are counted by."""
        return self.method, self.token_id or self.session or ""


#: Nobody need sign in.
OF_HERE = Identity(HERE, "none")
#: Whoever can read the service's folder, as `seavigil status` does: may look, no more.
OF_FOLDER = Identity(Viewer("folder:status"), "token", token_id="folder")


def identify(access: Access, store: Database, headers: Headers) -> Identity | None:
    """Give whom a request is from, None for nobody: what is wrong, over or revoked counts as nothing.

    Waits for the store; raises ``OSError`` where that cannot be asked.
    """
    if not access.required:
        return OF_HERE
    given = headers.getlist("authorization")
    if given:
        return _by_header(access, store.people, given)
    found = session_id(headers)
    return None if found is None else _by_session(access, store.people, found)


def session_id(headers: Headers) -> str | None:
    """Give the session's id out of the cookies; None where there is none, or more than one."""
    found = [value for name, value in _cookies(headers) if name == COOKIE]
    return found[0] if len(found) == 1 and found[0] else None


def _cookies(headers: Headers) -> Iterator[tuple[str, str]]:
    for line in headers.getlist("cookie"):
        for one in line.split(";"):
            name, _, value = one.partition("=")
            yield name.strip(), value.strip()


def _by_header(access: Access, people: People, given: list[str]) -> Identity | None:
    kind, _, text = given[0].partition(" ")
    if len(given) != 1 or kind.lower() != "bearer" or not is_token(text.strip()):
        return None
    if access.params.local is not None and same(hashed(text.strip()), access.params.local):
        return OF_FOLDER
    return by_token(access, people, text.strip())


def by_token(access: Access, people: People, text: str) -> Identity | None:
    """Give whom a token's text stands for now, and note the day of its use."""
    token, now_us = people.token(hashed(text)), access.now_us()
    if token is None:
        return None
    viewer = token_viewer(token, people.user(token.owner) if token.owner else None, now_us)
    if viewer is None:
        return None
    day_us = now_us - now_us % DAY_US
    if max(token.last_used_us or 0, access.uses.last_us(token.hash) or 0) < day_us:
        access.uses.note(token.hash, day_us, lambda: people.used_token(token.token_id, day_us))
    return Identity(viewer, "token", token.owner, token.token_id)


def _by_session(access: Access, people: People, id_: str) -> Identity | None:
    found, now_us = people.session(hashed(id_)), access.now_us()
    if found is None:
        return None
    viewer = None if too_old(access, found, now_us) else _viewer(people, found, now_us)
    if viewer is None:
        access.uses.note(found.hash, found.used_us, lambda: people.end(found.hash))
        return None
    if now_us - used_us(access, found) > _NOTED_US:
        access.uses.note(found.hash, now_us, lambda: people.used_session(found.hash, now_us))
    return Identity(viewer, "session", found.owner, found.token_id, found.hash, csrf_of(id_))


def too_old(access: Access, session: Session, now_us: int) -> bool:
    """Tell whether a session was not used for too long, or began too long ago."""
    idle_us, since_us = now_us - used_us(access, session), now_us - session.began_us
    return idle_us > access.params.idle_s * SECOND_US or since_us > access.params.session_s * SECOND_US


def used_us(access: Access, session: Session) -> int:
    """Give when a session was used last, though that may not be written yet."""
    return max(session.used_us, access.uses.last_us(session.hash) or 0)


def _viewer(people: People, session: Session, now_us: int) -> Viewer | None:
    if session.token_id is None:
        return Viewer(session.name, session.role, session.organisation)
    token = people.token_of_id(session.token_id)
    if token is None:
        return None
    return token_viewer(token, people.user(token.owner) if token.owner else None, now_us)
