"""A service from its settings: read, checked, opened."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from socket import socket

    from seavigil.alerts.notify import Telling
    from seavigil.inputs.faults import Notices
    from seavigil.runners.dispatch import Line
    from seavigil.runners.plan import Plan
    from seavigil.runners.service import Feed, Service
    from seavigil.runners.settings import ChannelTable, Settings

    Works = tuple[Callable[[Service], Coroutine[Any, Any, None]], ...]


@dataclass(frozen=True)
class Serving:
    """Everything that a file of settings says, found sound. ``code``: 2 where something was left out."""

    path: Path
    settings: Settings
    plan: Plan
    feeds: list[Feed]
    channels: dict[str, Telling]
    lines: list[Line]
    notices: Notices | None
    code: int

    @property
    def folder(self) -> Path:
        """Where everything is kept: the folder of the settings."""
        return self.path.resolve().parent

    @property
    def store(self) -> str:
        """Where the store is."""
        return self.settings.store.url or str(self.folder)


def settings_path(place: Path) -> Path:
    """Give the file of settings: the one given, or the one in the folder given."""
    from seavigil.runners.settings import NAME

    return place / NAME if place.is_dir() else place


def serving(place: Path) -> Serving:
    """Read settings and everything they name; what is left out is told on stderr.

    Raises ``ValueError`` that says in which file, table and key what is wrong; ``OSError``.
    """
    from seavigil.cli import given
    from seavigil.cli.plan import Wanted, planned
    from seavigil.cli.reached import check_access
    from seavigil.runners.feeding import named_feed
    from seavigil.runners.lines import line_of
    from seavigil.runners.settings import read_settings

    path = settings_path(place)
    settings = read_settings(path)
    watch = settings.watch
    try:
        check_access(settings)
        feeds = [named_feed(name, table) for name, table in settings.feeds.items()]
        channels = {name: _telling(name, table) for name, table in settings.channels.items()}
        folder = path.resolve().parent
        lines = [line_of(name, table, folder) for name, table in settings.channels.items()]
    except ValueError as fault:
        raise ValueError(f"{path}: {fault}") from fault
    wanted = Wanted(
        assets=watch.assets,
        places=watch.places,
        weather=watch.weather,
        depth=watch.depth,
        normal=watch.normal,
        watchlist=watch.watchlist,
        contacts=watch.contacts,
        rules=watch.rules,
        alarm_budget=watch.alarm_budget,
        call_needs=watch.call_needs,
    )
    plan, code = planned(wanted)
    _check_filters(path, settings, plan)
    notices = given.read_notices(watch.faults or None, plan.assets)
    return Serving(path, settings, plan, feeds, channels, lines, notices, code)


def _check_filters(path: Path, settings: Settings, plan: Plan) -> None:
    """Raise ``ValueError`` for a channel that waits for what there is not: it would tell nobody anything."""
    from seavigil.spelling import check_names
    from seavigil.words import BEHAVIOURS

    for name, table in settings.channels.items():
        try:
            check_names("behaviour", table.behaviours, BEHAVIOURS)
            if plan.assets is not None:
                check_names("asset", table.assets, [asset.asset_id for asset in plan.assets])
        except ValueError as fault:
            raise ValueError(f"{path}: [channels.{name}] {fault}") from fault


def _telling(name: str, table: ChannelTable) -> Telling:
    from seavigil.alerts.notify import Telling

    try:
        return Telling(
            table.min_priority,
            frozenset(table.behaviours),
            frozenset(table.assets),
            table.exercises,
            frozenset(table.steps),
        )
    except ValueError as fault:
        raise ValueError(f"[channels.{name}] {fault}") from fault


@contextmanager
def opened(found: Serving) -> Iterator[Service]:
    """Open log and store, and give the service, ready to run.

    Raises ``OSError``, ``ValueError`` where one of them cannot be opened.
    """
    from seavigil.alerts import BookParams
    from seavigil.cli.reached import say_access, say_address
    from seavigil.records import MINUTE_US, SECOND_US
    from seavigil.runners.beside import Beside, Kept
    from seavigil.runners.service import Service
    from seavigil.runners.supervised import supervised
    from seavigil.runners.telling import Desk
    from seavigil.store.asset_edits import UNCERTAINTY
    from seavigil.store.database import Database
    from seavigil.store.rawlog import RawLog, RawLogParams

    alerts, log, store = found.settings.alerts, found.settings.log, found.settings.store
    params = RawLogParams(
        segment_bytes=log.segment_mib << 20,
        segment_s=log.segment_age_min * 60.0,
        sync_s=log.sync_s,
        sync_bytes=round(log.sync_mib * (1 << 20)),
    )
    kept = Kept(
        log.keep_days,
        None if log.keep_gib is None else round(log.keep_gib * (1 << 30)),
        store.keep_days,
        store.keep_reports_days,
    )
    with ExitStack() as stack:
        raw = stack.enter_context(RawLog(found.folder / "log", params))  # first: it says who else is at work
        taken = _taken(found, stack)
        beside = Beside(
            found.lines, kept, (supervised, *_web(taken, found.settings)), exposed=found.settings.api.exposed
        )
        database = stack.enter_context(Database.open(found.store))
        service = Service(
            folder=found.folder,
            plan=found.plan.edited(database.asset_edits.newest(UNCERTAINTY)),
            feeds=found.feeds,
            log=raw,
            database=database,
            book=BookParams(
                open_from=alerts.open_from,
                escalate_from=alerts.escalate_from,
                escalate_after_s=alerts.escalate_after_min * 60.0 or None,
                expire_after_s=alerts.expire_after_h * 3600.0,
            ),
            desk=Desk(found.channels, alerts.open_from),
            history_us=round(found.settings.watch.history_h * 3600 * SECOND_US),
            checkpoint_every_s=found.settings.health.checkpoint_every_s,
            statement_every_us=round(found.settings.health.statement_every_min * MINUTE_US),
            notices=found.notices,
            told=beside.told,
            beside=beside.works,
            bulletin=beside.news.bulletin,
        )
        if taken is not None:
            say_access(found.settings, found.plan.assets, database)
            say_address(found.settings, taken)
        yield service


def _web(taken: socket | None, settings: Settings) -> Works:
    """Give the work that serves the web interface, if it is served."""
    if taken is None:
        return ()

    async def web(service: Service) -> None:
        from seavigil.api.serve import serve
        from seavigil.cli.reached import context_of, wire_of

        await serve(context_of(settings, service), taken, wire_of(settings))

    return (web,)


def _taken(found: Serving, stack: ExitStack) -> socket | None:
    from seavigil.api.serve import bound

    api = found.settings.api
    return stack.enter_context(bound(api.host, api.port)) if api.enabled else None
