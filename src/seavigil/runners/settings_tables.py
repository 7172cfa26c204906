"""The tables of `seavigil.toml`: every key that a service knows, its default, its limits, and what it is.

Upper limits are own choices: far beyond what anybody means, and within what times can be reckoned with.
"""

from __future__ import annotations

import re
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from seavigil.feeds.transports.secrets import is_place

Priority = Literal["info", "advisory", "warning", "urgent"]
ENV = "SEAVIGIL_"
#: A name without a scheme, a port or a slash; an IPv6 address as it stands in Host, without brackets.
_HOST_NAME = re.compile(r"[0-9a-z]([0-9a-z.:-]{0,251}[0-9a-z])?")
_DAY_S, _CENTURY_DAYS, _WEEK_MIN = 86_400.0, 36_525.0, 10_080.0


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


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
        default=None, description="Changes to what the watch goes by (`seavigil rules try`)."
    )
    alarm_budget: float | None = Field(
        default=None, gt=0, le=1e6, description="So many alerts a day above info, no more."
    )
    call_needs: str | None = Field(
        default=None,
        description="What a call needs to stop a ship, reach=5m,reaction=5m,lengths=15,length_m=200.",
    )
    history_h: float = Field(
        default=26.0,
        ge=0,
        le=24 * 31,
        description="After a change of these tables so many hours are judged again.",
    )


class FeedTable(_Table):
    """One feed. Keys that are not listed here belong to its transport."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    url: str | None = Field(
        default=None, description="tcp://, tcp-listen://, udp://, mqtt://, wss://, nats://, serial:..."
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
        default=45.0, ge=5, le=_DAY_S, description="So long without a report, and it counts as dead."
    )

    @property
    def options(self) -> dict[str, Any]:
        """Give the keys that belong to the transport."""
        return dict(self.__pydantic_extra__ or {})


class ChannelTable(_Table):
    """One way of telling people. Keys that are not listed here belong to its kind."""

    model_config = ConfigDict(extra="allow", frozen=True, allow_inf_nan=False)

    kind: str = Field(description="webhook, email, mqtt, nats, cap, syslog or file.")
    min_priority: Priority = Field(default="warning", description="Nothing less pressing is told.")
    behaviours: list[str] = Field(
        default=[], description="Only alerts with one of these behaviours; none: all."
    )
    assets: list[str] = Field(
        default=[], description="Only alerts about one of these assets (ids); none: all."
    )
    exercises: Literal["also", "only", "never"] = Field(
        default="also", description="Whether exercises are told: with the rest, nothing else, or not at all."
    )
    steps: list[str] = Field(default=[], description="Only these steps (opened, rose, ...); none: all.")
    group_by: Literal["asset", "area", "ship", "alert"] = Field(
        default="asset", description="What belongs together."
    )
    hold_urgent: bool = Field(default=False, description="Whether max_per_hour holds urgent alerts too.")
    group_wait_s: float = Field(
        default=0.0, ge=0, le=3600, description="What belongs together waits so long."
    )
    max_per_hour: int | None = Field(
        default=60,
        ge=1,
        le=100_000,
        description="What is beyond comes as one digest (machines, as file or mqtt: none unless set).",
    )
    give_up_after_s: float = Field(
        default=_DAY_S, gt=0, le=365 * _DAY_S, description="What cannot be sent for so long is dead."
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
        default=15.0, ge=0, le=_WEEK_MIN, description="After so long, of data time, it escalates; 0: never."
    )
    expire_after_h: float = Field(
        default=24.0, gt=0, le=24 * 366, description="So long after it ended an alert can still be answered."
    )

    @model_validator(mode="after")
    def _can_be_answered(self) -> AlertsTable:
        """Check that what escalates could still be answered."""
        if self.escalate_after_min >= self.expire_after_h * 60.0:
            raise ValueError("escalate_after_min must be less than expire_after_h, or nobody could answer")
        return self


class LogTable(_Table):
    """The raw log: everything that came in."""

    segment_mib: int = Field(
        default=64, ge=1, le=4096, description="A file of the log is closed at this size."
    )
    segment_age_min: float = Field(default=60.0, gt=0, le=_WEEK_MIN, description="... or at this age.")
    sync_s: float = Field(
        default=1.0, gt=0, le=60, description="At most so much is lost when the power fails."
    )
    sync_mib: float = Field(default=4.0, gt=0, le=4096, description="... or so much.")
    keep_days: float | None = Field(
        default=90.0, gt=0, le=_CENTURY_DAYS, description="Older files of the log are removed."
    )
    keep_gib: float | None = Field(
        default=None, gt=0, le=1e6, description="The oldest are removed beyond this."
    )


class StoreTable(_Table):
    """Where alerts and their history are kept."""

    url: str | None = Field(default=None, description="postgresql://...; none: a SQLite file in the folder.")
    keep_days: float | None = Field(
        default=None, gt=0, le=_CENTURY_DAYS, description="Closed alerts older than this are removed."
    )
    keep_reports_days: float | None = Field(
        default=90.0, gt=0, le=_CENTURY_DAYS, description="Tracked reports, Parquet by day."
    )


class HealthTable(_Table):
    """How the watch looks after itself."""

    statement_every_min: float = Field(
        default=60.0, ge=1, le=1440, description="How often is said what was seen and heard."
    )
    checkpoint_every_s: float = Field(
        default=300.0, ge=1, le=_DAY_S, description="A crash costs judging so much again."
    )


class ApiTable(_Table):
    """The web interface."""

    enabled: bool = Field(default=True, description="Whether it is served.")
    host: str = Field(
        default="127.0.0.1", description="Address to listen at: of this machine only, or 0.0.0.0, ::..."
    )
    port: int = Field(default=8640, ge=0, le=65_535, description="0: any that is free.")
    authentication: Literal["required", "none"] = Field(
        default="required", description="none: whoever sits at this machine may do everything."
    )
    names: list[str] = Field(
        default=[], description="Host names under which it is reached, if not those of this machine alone."
    )
    certificate: Path | None = Field(default=None, description="PEM of its certificate, for https.")
    key: Path | None = Field(default=None, description="PEM of the certificate's key, if in another file.")
    behind_proxy: list[str] = Field(
        default=[], description="Addresses of proxies whose X-Forwarded-For and -Proto are believed."
    )
    requests_per_s: float = Field(
        default=50.0, gt=0, le=1e6, description="So many requests a second by each who asks."
    )
    burst: int = Field(default=200, ge=1, le=1_000_000, description="... and so many at once after a rest.")

    @property
    def here(self) -> bool:
        """Tell whether only this machine can reach it."""
        return self.host == "localhost" or ip_address(self.host).is_loopback

    @property
    def exposed(self) -> str:
        """Say what is wrong where others can listen to what goes over the network; empty where nothing is."""
        if self.here or self.certificate is not None or self.behind_proxy:
            return ""
        return (
            f"[api] host {self.host} without certificate or behind_proxy: passwords and tokens go over"
            " the network as plain text"
        )

    @model_validator(mode="after")
    def _can_be_reached_by_those_alone_who_may(self) -> ApiTable:
        """Check that nothing is open to a network, and that what is reached has a name."""
        self._check_addresses()
        if self.authentication == "none" and (not self.here or self.names or self.behind_proxy):
            raise ValueError(
                'authentication = "none" is for a host of this machine alone, without names and behind_proxy:'
                " else whoever reaches it could do everything"
            )
        if not self.here and not self.names:
            raise ValueError(f"host {self.host}: say in names by which host names it is reached")
        if self.key is not None and self.certificate is None:
            raise ValueError("key: of no use without certificate")
        return self

    def _check_addresses(self) -> None:
        try:
            _ = self.here
        except ValueError:
            raise ValueError("host is an IP address of this machine, or localhost") from None
        for name in self.names:
            if not _HOST_NAME.fullmatch(name):
                raise ValueError("names are host names, or addresses, without https:// and port")
        try:
            _ = [ip_network(one) for one in self.behind_proxy]
        except ValueError:
            raise ValueError("behind_proxy takes IP addresses or networks: 10.0.0.7, 10.0.0.0/24") from None


class AccessTable(_Table):
    """How long those who signed in are known."""

    session_idle_h: float = Field(
        default=12.0, gt=0, le=24 * 31, description="A session ends so long after it was used last."
    )
    session_days: float = Field(
        default=7.0, gt=0, le=366, description="... and so long after it began, used or not."
    )


class OidcTable(_Table):
    """Another house whose word is taken for who somebody is (OpenID Connect)."""

    issuer: str = Field(description="Its address; /.well-known/openid-configuration is asked for there.")
    client_id: str = Field(description="What it calls this service.")
    client_secret: str = Field(description="env:NAME or file:PATH.")
    scope: str = Field(default="openid profile", description="What it is asked for.")
    name_claim: str = Field(default="preferred_username", description="Claim with the person's name.")
    role_claim: str = Field(
        default="groups", description="Claim with the values below; a.b is b inside of a."
    )
    admin: list[str] = Field(default=[], description="Values of role_claim that make an admin.")
    operator: list[str] = Field(default=[], description="... an operator.")
    viewer: list[str] = Field(default=[], description='... a viewer; ["*"]: everybody it knows.')
    organisation_claim: str | None = Field(
        default=None, description="Claim with the person's organisation; none: all are of the house."
    )
    house: list[str] = Field(default=[], description="Organisations that are the house itself.")

    @model_validator(mode="after")
    def _somebody_can_come_in(self) -> OidcTable:
        """Check that its word is not sent over a network as plain text, and that somebody has a role."""
        where = urlsplit(self.issuer)
        near = where.hostname in ("127.0.0.1", "::1", "localhost")
        if where.scheme != "https" and not (near and where.scheme == "http"):
            raise ValueError("issuer begins with https://")
        if not is_place(self.client_secret):
            raise ValueError("client_secret: give env:NAME or file:PATH, not the value itself")
        if not (self.admin or self.operator or self.viewer):
            raise ValueError("say in admin, operator or viewer who has which role: nobody could come in")
        return self


class Settings(BaseSettings):
    """Everything in `seavigil.toml`."""

    model_config = SettingsConfigDict(
        extra="forbid",
        frozen=True,
        env_prefix=ENV,
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
    access: AccessTable = AccessTable()
    oidc: dict[str, OidcTable] = {}

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
