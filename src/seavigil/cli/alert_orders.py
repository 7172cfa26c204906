"""What a person asks of a service: queued in its store, and waited for."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from seavigil.store.database import Database

_ENDED = "the data of this folder have ended: nothing takes up any more what is asked of its alerts"
_IDLE = "no service runs there: it is taken up at the next start"
_BUSY = "the service has not taken it up yet (does it run?)"
#: The beginning of an id is taken for it from so many letters on: fewer may be a slip (own choice).
_LEAST_BEGIN = 4
#: How often is looked whether the service has taken a command up.
_LOOK_S = 0.2


def about_each(
    kind: str,
    alert_ids: Sequence[str],
    place: tuple[Path | None, str | None],
    who: str | None,
    why: str,
    wait_s: float,
    told: dict[str, Any] | None = None,
) -> int:
    """Ask one thing about several alerts. Raises ``ValueError``, and asks nothing, where one is not there."""
    for alert_id in alert_ids:
        order(kind, alert_id, who, why, told or {})  # what cannot be asked is said before anything is opened
    with opened(*place) as database:
        found = [there(database, alert_id)["alert_id"] for alert_id in alert_ids]
        orders = [order(kind, alert_id, who, why, told or {}) for alert_id in found]
        return ask(database, orders, wait_s, *place)


def order(kind: str, alert_id: str | None, who: str | None, why: str, told: dict[str, Any]) -> dict[str, Any]:
    """Give a checked command as the store queues it. Raises ``ValueError``."""
    import getpass
    import uuid

    from seavigil.alerts import Command

    if who is None:
        try:
            who = getpass.getuser()
        except (KeyError, OSError):  # no such user, as in a container
            raise ValueError("say who does it: --who") from None
    return Command(uuid.uuid4().hex[:16], kind, alert_id, who, why, told).as_json()


def ask(
    database: Database,
    orders: Sequence[dict[str, Any]],
    wait_s: float,
    folder: Path | None,
    store: str | None,
) -> int:
    """Queue commands and say what became of them; 1 where one was refused, 2 where nobody takes them up.

    ``folder``: that of the service (with a store alone it is not known whether one runs). Where its data have
    ended nothing is queued: nobody would ever take it up.
    """
    from seavigil.runners.at_work import has_ended, writer_of

    here = None if store is not None else folder or Path()
    here = here.parent if here is not None and here.is_file() else here  # the store's own file
    idle = here is not None and writer_of(here) is None
    if here is not None and idle and has_ended(here, database.position()):
        print(f"seavigil: {here}: {_ENDED}", file=sys.stderr)
        return 2
    ids = [database.submit(one) for one in orders]
    code = 0
    for command_id, one in zip(ids, orders, strict=True):
        about = one["alert_id"] or command_id
        done = _become(database, command_id, wait_s)
        if done["state"] == "refused":
            print(f"seavigil: {done['says']}", file=sys.stderr)
            code = 1
        elif done["state"] == "done":
            print(f"{about}: {one['kind']} done")
        else:
            print(f"{about}: {one['kind']} queued; {_IDLE if idle else _BUSY}")
            code = code or (2 if idle else 0)
    return code


def _become(database: Database, command_id: str, wait_s: float) -> dict[str, Any]:
    """Give a command with what became of it, waiting a while for that."""
    import time

    until_s = time.monotonic() + wait_s
    while True:
        found = database.command(command_id) or {"state": "waiting"}
        if found["state"] != "waiting" or time.monotonic() >= until_s:
            return found
        time.sleep(_LOOK_S)


def opened(folder: Path | None, store: str | None, *, to_read: bool = False) -> Database:
    """Open a service's store; one that is not there is not made. Raises ``ValueError``, ``OSError``.

    ``to_read``: nothing is written, so it works on a full disk.
    """
    from seavigil.runners.settings import NAME, read_settings
    from seavigil.store import upkeep
    from seavigil.store.database import Database
    from seavigil.store.engine import store_url

    if folder is not None and store is not None:
        raise ValueError("give --folder or --store, not both")
    place: str | Path = store or folder or Path()
    settings = Path(place) / NAME if store is None else None
    if settings is not None and settings.is_file():
        place = read_settings(settings).store.url or place
        file = store_url(place)
        if file.drivername == "sqlite" and not Path(str(file.database)).exists():
            raise ValueError(
                f"{settings.parent}: not started yet (seavigil serve --folder {settings.parent})"
            )
    if to_read:
        return Database.to_read(place)
    upkeep.status(place)
    return Database.open(place)


def there(database: Database, alert_id: str) -> dict[str, Any]:
    """Give an alert's newest revision, by its id or how that begins. Raises ``ValueError`` for none."""
    found = database.alert(alert_id)
    if found is not None:
        return found
    ids = database.alert_ids(alert_id, 3) if len(alert_id) >= _LEAST_BEGIN else []
    if len(ids) > 1:
        raise ValueError(f"several alerts begin with {alert_id!r}: {', '.join(ids[:2])}...; give more of it")
    found = database.alert(ids[0]) if ids else None
    if found is None:
        raise ValueError(f"no alert {alert_id!r} (seavigil alert list has their ids)")
    return found
