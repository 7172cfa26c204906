"""Who may come in: users, tokens and sessions; of what they know only hashes are kept."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from typing import TypeVar

from sqlalchemy import Connection, Engine, Table, delete, func, or_, select, update

from seavigil.store.engine import reading, writing
from seavigil.store.tables import SESSIONS, TOKENS, USERS
from seavigil.store.written import as_text, put

_Row = TypeVar("_Row", "User", "Token", "Session")


@dataclass(frozen=True)
class User:
    """Somebody with a password. ``name`` is as it is compared, ``shown`` as it was written."""

    name: str
    shown: str
    role: str
    organisation: str | None
    password: str  #: its argon2 hash
    created_us: int
    changed_us: int


@dataclass(frozen=True)
class Token:
    """A key of a program or a person. ``owner``: the user whose it is; it can do no more than that user."""

    token_id: str
    hash: str
    name: str
    role: str
    organisation: str | None
    owner: str | None
    made_by: str
    created_us: int
    expires_us: int | None = None
    last_used_us: int | None = None  #: to the day
    revoked_us: int | None = None


@dataclass(frozen=True)
class Session:
    """Somebody signed in: by a password (``owner``), a token (``token_id``) or another house's word."""

    hash: str
    owner: str | None
    token_id: str | None
    name: str
    role: str
    organisation: str | None
    method: str
    began_us: int
    used_us: int


class People:
    """The store's users, tokens and sessions. Methods raise ``OSError`` where the store cannot do it now."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    # --- users --------------------------------------------------------------------------------

    def users(self) -> list[User]:
        """Give all users, by name."""
        return self._all(User, USERS)

    def user(self, name: str) -> User | None:
        """Give a user by the name as it is compared."""
        return self._one(User, USERS, name=name)

    def put_user(self, user: User) -> None:
        """Add a user, or put it in the place of the one of that name, whose sessions end."""
        with writing(self._engine) as connection:
            put(connection, USERS, [asdict(user)])
            connection.execute(delete(SESSIONS).where(SESSIONS.c.owner == user.name))

    def add_user(self, user: User) -> bool:
        """Add a user unless there is one of that name; tells whether there was none."""
        with writing(self._engine) as connection:
            if connection.execute(select(USERS.c.name).where(USERS.c.name == user.name)).first() is not None:
                return False
            connection.execute(USERS.insert().values(asdict(user)))
        return True

    def change_user(self, before: User, after: User) -> bool:
        """Put a user in the place of what was read; sessions end. Tells whether it was done.

        It is not where somebody has changed or removed the user meanwhile: nothing that another took away
        comes back.
        """
        same = [USERS.c[name] == value for name, value in asdict(before).items()]
        with writing(self._engine) as connection:
            changed = connection.execute(update(USERS).where(*same).values(asdict(after))).rowcount
            if changed:
                connection.execute(delete(SESSIONS).where(SESSIONS.c.owner == before.name))
        return bool(changed)

    def rehash(self, name: str, before: str, after: str) -> None:
        """Keep a password by a newer hash, unless it was changed meanwhile; sessions go on."""
        row = USERS.c
        with writing(self._engine) as connection:
            same = (row.name == name, row.password == before)
            connection.execute(update(USERS).where(*same).values(password=after))

    def remove_user(self, name: str, now_us: int) -> bool:
        """Take a user away; sessions end, tokens are revoked. Tells whether there was one."""
        with writing(self._engine) as connection:
            gone = connection.execute(delete(USERS).where(USERS.c.name == name)).rowcount
            connection.execute(delete(SESSIONS).where(SESSIONS.c.owner == name))
            _revoke_own(connection, name, now_us)
        return bool(gone)

    # --- tokens -------------------------------------------------------------------------------

    def tokens(self) -> list[Token]:
        """Give all tokens, revoked and expired ones as well, in the order in which they were made."""
        return self._all(Token, TOKENS)

    def token(self, hash_: str) -> Token | None:
        """Give the token of a hash, whatever became of it."""
        return self._one(Token, TOKENS, hash=hash_)

    def token_of_id(self, token_id: str) -> Token | None:
        """Give a token by its id, whatever became of it."""
        return self._one(Token, TOKENS, token_id=token_id)

    def add_token(self, token: Token) -> None:
        """Keep a new token."""
        with writing(self._engine) as connection:
            connection.execute(TOKENS.insert().values(asdict(token)))

    def add_first(self, token: Token) -> bool:
        """Keep a token if there is neither a token nor a user yet; tells whether it was kept."""
        with writing(self._engine) as connection:
            for table in (TOKENS, USERS):
                if connection.execute(select(func.count()).select_from(table)).scalar_one():
                    return False
            connection.execute(TOKENS.insert().values(asdict(token)))
        return True

    def revoke(self, token_id: str, now_us: int) -> bool:
        """Have a token be of no use from now on, and end its sessions. Tells whether it was of use before."""
        row = TOKENS.c
        with writing(self._engine) as connection:
            valid = (row.token_id == token_id, row.revoked_us.is_(None))
            changed = connection.execute(update(TOKENS).where(*valid).values(revoked_us=now_us)).rowcount
            connection.execute(delete(SESSIONS).where(SESSIONS.c.token_id == token_id))
        return bool(changed)

    def revoke_own(self, owner: str, now_us: int) -> None:
        """Have all tokens of a user be of no use from now on."""
        with writing(self._engine) as connection:
            _revoke_own(connection, owner, now_us)

    def used_token(self, token_id: str, day_us: int) -> None:
        """Note the day on which a token was used last."""
        row = TOKENS.c
        earlier = or_(row.last_used_us.is_(None), row.last_used_us < day_us)
        with writing(self._engine) as connection:
            changed = update(TOKENS).where(row.token_id == token_id, earlier).values(last_used_us=day_us)
            connection.execute(changed)

    # --- sessions -----------------------------------------------------------------------------

    def begin(self, session: Session, forget_before_us: int) -> None:
        """Keep a new session; those last used before then are forgotten."""
        with writing(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.used_us < forget_before_us))
            connection.execute(SESSIONS.insert().values(asdict(session)))

    def session(self, hash_: str) -> Session | None:
        """Give the session of a hash, as it is now: a user's or token's role may have changed since.

        None where there is none, or its user or token is gone; whether it is too old is for the caller.
        """
        found = self._one(Session, SESSIONS, hash=hash_)
        if found is None or found.owner is None:
            return found
        user = self.user(found.owner)
        return None if user is None else replace(found, role=user.role, organisation=user.organisation)

    def used_session(self, hash_: str, now_us: int) -> None:
        """Note when a session was used last."""
        with writing(self._engine) as connection:
            connection.execute(update(SESSIONS).where(SESSIONS.c.hash == hash_).values(used_us=now_us))

    def end(self, hash_: str) -> None:
        """End a session."""
        with writing(self._engine) as connection:
            connection.execute(delete(SESSIONS).where(SESSIONS.c.hash == hash_))

    # --- within -------------------------------------------------------------------------------

    def _all(self, kind: type[_Row], table: Table) -> list[_Row]:
        order = (table.c.created_us, *table.primary_key) if table is TOKENS else tuple(table.primary_key)
        with reading(self._engine) as connection:
            return [kind(**row._mapping) for row in connection.execute(select(table).order_by(*order))]

    def _one(self, kind: type[_Row], table: Table, **wanted: str) -> _Row | None:
        same = [table.c[name] == as_text(value) for name, value in wanted.items()]
        with reading(self._engine) as connection:
            row = connection.execute(select(table).where(*same)).first()
        return None if row is None else kind(**row._mapping)


def _revoke_own(connection: Connection, owner: str, now_us: int) -> None:
    theirs = select(TOKENS.c.token_id).where(TOKENS.c.owner == owner, TOKENS.c.revoked_us.is_(None))
    connection.execute(delete(SESSIONS).where(SESSIONS.c.token_id.in_(theirs)))
    of_use = TOKENS.c.token_id.in_(theirs)
    connection.execute(update(TOKENS).where(of_use).values(revoked_us=now_us))
