"""`seavigil.toml`: what a service is told, every key checked at the start.

Keys may be set by the environment as well, which goes before the file: ``SEAVIGIL_STORE__URL`` is the key
``url`` of the table ``[store]``. Paths are taken from the folder of the file. A key that there is not is
an error that gives the nearest that there is.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

Priority = Literal["info", "advisory", "warning", "urgent"]
NAME = "seavigil.toml"
_ENV = "SEAVIGIL_"


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WatchTable(_Table):
    """What is watched, and what is known of the sea around it."""

    assets: list[Path] = Field(default=[], description="Cables, pipelines, wind farms...: files of assets.")
    places: list[Path] = Field(default=[], description="Anchorages, ports, pilot places, lanes, land.")
    weather: list[Path] = Field(default=[], description="Hourly wind and waves.")
    depth: list[Path] = Field(default=[], description="Depths, positive down.")
    watchlist: list[Path] = Field(default=[], description="Ships to be told of when near an asset.")
    contacts: list[Path] = Field(default=[], description="What radar, optics or sensors saw.")
    normal: Path | None = Field(default=None, description="Folder that `seavigil normal learn` wrote.")
    faults: list[Path] = Field(
        default=[], description="Outage notices: folders that are looked at again and again."
    )
    rules: Path | None = Field(
        default=None, description="Changes to what the watch goes by (seavigil rules try)."
    )
    alarm_budget: float | None = Field(
        default=None, gt=0, description="So many alerts a day above info, no more."
    )
    call_needs: str | None = Field(
        default=None, description="What a call needs to stop a ship, as --call-needs."
    )
    history_h: float = Field(
        default=26.0,
        ge=0,
        le=24 * 31,
        description="After a change of these tables so many hours are judged again.",
    )


class FeedTable(_Table):
    """One feed. Keys not listed here belong to its transport (see docs/howto/live-feeds.md)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    url: str | None = Field(
        default=None, description="tcp:// tcp-listen:// udp:// mqtt(s):// ws(s):// nats://..."
    )
    preset: str | None = Field(
        default=None, description="digitraffic, kystverket or aisstream, in place of a URL."
    )
    format: str | None = Field(
        default=None, description="Format of its bytes; as a rule recognised by content."
    )
    columns: str | None = Field(
        default=None, description="Columns of a CSV or JSON feed: time=Time,mmsi=MMSI,..."
    )
    mute_after_s: float = Field(
        default=45.0, ge=5, description="So long without a report, and it counts as dead."
    )

    @property
    def options(self) -> dict[str, Any]:
        """Give the keys that belong to the transport."""
        return dict(self.__pydantic_extra__ or {})


class ChannelTable(_Table):
    """One way of telling people. Keys not listed belong to its kind (see docs/reference/channels.md)."""

    model_config = ConfigDict(extra="allow", frozen=True)

    kind: str = Field(description="webhook, email, mqtt, nats, cap, syslog or file.")
    min_priority: Priority = Field(default="warning", description="Nothing less pressing is told.")
    behaviours: list[str] = Field(
        default=[], description="Only alerts with one of these behaviours; none: all."
    )
    assets: list[str] = Field(
        default=[], description="Only alerts about one of these assets (ids); none: all."
    )
    exercises: Literal["also", "only", "never"] = Field(
        default="also", description="Whether exercises are told."
    )
    steps: list[str] = Field(default=[], description="Only these steps (opened, rose, ...); none: all.")
    group_by: Literal["asset", "area", "ship", "alert"] = Field(
        default="asset", description="What belongs together."
    )
    hold_urgent: bool = Field(default=False, description="Whether max_per_hour holds urgent alerts too.")
    group_wait_s: float = Field(
        default=0.0, ge=0, le=3600, description="What belongs together waits so long."
    )
    max_per_hour: int | None = Field(default=60, ge=1, description="What is beyond comes as one digest.")
    give_up_after_s: float = Field(
        default=86_400.0, gt=0, description="What cannot be sent for so long is dead."
    )

    @property
    def options(self) -> dict[str, Any]:
        """Give the keys that belong to its kind."""
        return dict(self.__pydantic_extra__ or {})


class AlertsTable(_Table):
    """The life of an alert."""

    open_from: Priority = Field(
        default="advisory", description="Below this a case is a candidate: nobody is told."
    )
    escalate_from: Priority = Field(
        default="urgent", description="From this on an alert nobody takes escalates."
    )
    escalate_after_min: float = Field(
        default=15.0, ge=0, description="After so long, of data time, it escalates; 0: never."
    )
    expire_after_h: float = Field(
        default=24.0, gt=0, description="So long after it ended an alert can still be answered."
    )


class LogTable(_Table):
    """The raw log: everything that came in."""

    segment_mib: int = Field(
        default=64, ge=1, le=4096, description="A file of the log is closed at this size."
    )
    segment_age_min: float = Field(default=60.0, gt=0, description="... or at this age.")
    sync_s: float = Field(
        default=1.0, gt=0, le=60, description="At most so much is lost when the power fails."
    )
    sync_mib: float = Field(default=4.0, gt=0, description="... or so much.")
    keep_days: float | None = Field(default=90.0, gt=0, description="Older files of the log are removed.")
    keep_gib: float | None = Field(default=None, gt=0, description="The oldest are removed beyond this.")


class StoreTable(_Table):
    """Where alerts and their history are kept."""

    url: str | None = Field(default=None, description="postgresql://...; none: a SQLite file in the folder.")
    keep_days: float | None = Field(
        default=None, gt=0, description="Closed alerts older than this are removed."
    )
    keep_reports_days: float | None = Field(
        default=90.0, gt=0, description="Tracked reports, Parquet by day."
    )


class HealthTable(_Table):
    """How the watch looks after itself."""

    statement_every_min: float = Field(
        default=60.0, ge=1, description="How often is said what was seen and heard."
    )
    checkpoint_every_s: float = Field(default=300.0, ge=1, description="A crash costs judging so much again.")


class ApiTable(_Table):
    """The web interface."""

    enabled: bool = Field(default=True, description="Whether it is served.")
    host: Literal["127.0.0.1", "::1", "localhost"] = Field(
        default="127.0.0.1", description="This machine only."
    )
    port: int = Field(default=8640, ge=0, le=65_535, description="0: any that is free.")


class Settings(BaseSettings):
    """Everything in `seavigil.toml`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=_ENV,
        env_nested_delimiter="__",
        nested_model_default_partial_update=True,
    )

    watch: WatchTable = WatchTable()
    feeds: dict[str, FeedTable] = {}
    channels: dict[str, ChannelTable] = {}
    alerts: AlertsTable = AlertsTable()
    log: LogTable = LogTable()
    store: StoreTable = StoreTable()
    health: HealthTable = HealthTable()
    api: ApiTable = ApiTable()

    @classmethod
    def settings_customise_sources(  # the names are those of pydantic-settings
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Let the environment go before the file."""
        return env_settings, init_settings


def read_settings(path: Path) -> Settings:
    """Read a settings file. Raises ``ValueError`` that names file, table and key, and says what is wrong."""
    try:
        content = tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as fault:
        raise ValueError(f"{path}: not UTF-8 ({fault.reason})") from fault
    except tomllib.TOMLDecodeError as fault:
        raise ValueError(f"{path}: {fault}") from fault
    unknown = list(_unknown(content))
    if unknown:
        raise ValueError(f"{path}: " + "; ".join(unknown))
    try:
        settings = Settings(**content)
    except ValidationError as fault:
        raise ValueError(f"{path}: " + "; ".join(_said(fault))) from fault
    return _absolute(settings, path.resolve().parent)


def _unknown(content: Mapping[str, Any]) -> Iterator[str]:
    """Say of each key that there is not which one may be meant."""
    for name, table in content.items():
        known = Settings.model_fields.get(name)
        if known is None:
            yield f"there is no table [{name}]{_nearest(name, Settings.model_fields)}"
            continue
        model = known.annotation
        if isinstance(model, type) and issubclass(model, BaseModel) and isinstance(table, Mapping):
            for key in table.keys() - model.model_fields.keys():
                yield f"[{name}] has no key {key!r}{_nearest(key, model.model_fields)}"


def _nearest(name: str, known: Iterable[str]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else f"; there are {', '.join(known)}"


def _said(fault: ValidationError) -> Iterator[str]:
    for error in fault.errors():
        *tables, key = (str(part) for part in error["loc"]) if error["loc"] else ("settings",)
        yield f"[{'.'.join(tables)}] {key}: {error['msg']} (given: {error.get('input')!r})"


def _absolute(settings: Settings, folder: Path) -> Settings:
    """Take paths from the folder of the file."""
    watch = settings.watch
    update: dict[str, Any] = {}
    for name in type(watch).model_fields:
        value = getattr(watch, name)
        if isinstance(value, Path):
            update[name] = folder / value
        elif isinstance(value, list):
            update[name] = [folder / path for path in value]
    return settings.model_copy(update={"watch": watch.model_copy(update=update)})


def described() -> Iterator[tuple[str, str, str, str]]:
    """Give every key: its table, its name, its default as TOML (empty: none), and what it is."""
    for name, field in Settings.model_fields.items():
        inner = get_args(field.annotation)
        model: Any = inner[-1] if inner else field.annotation
        table = f"{name}.NAME" if inner else name
        for key, known in model.model_fields.items():
            default = "" if known.is_required() or known.default is None else _toml(known.default)
            yield table, key, default, known.description or ""


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    return f"{value:g}" if isinstance(value, float) else str(value)


def example() -> str:
    """Give a settings file with every key, its default and what it is, in comments."""
    lines: list[str] = []
    shown = ""
    for table, key, default, what in described():
        if table != shown:
            lines += ["", f"# [{table}]" if table.endswith(".NAME") else f"[{table}]"]
            shown = table
        lines.append(f"# {key} = {default or '...'}  # {what}")
    return "\n".join(lines).lstrip() + "\n"
