"""`seavigil.toml`: every key is known by name, every slip is told in one line, no secret is shown."""

from __future__ import annotations

import inspect
import os
import re
from collections.abc import Callable
from difflib import get_close_matches
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seavigil.alerts.channels import CHANNELS
from seavigil.alerts.channels import described as described_channel
from seavigil.feeds.transports.urls import transport_of
from seavigil.runners.feeding import named_feed
from seavigil.runners.settings import (
    NAME,
    ChannelTable,
    FeedTable,
    Settings,
    described,
    example,
    read_settings,
)

Read = Callable[[str], Settings]
#: One address of each kind of transport, for the options that it has.
ADDRESSES = (
    *("tcp://h:1", "tcps://h:1", "tcp-listen://h:1", "udp://h:1", "serial:/dev/x", "mqtt://h/t", "wss://h/x"),
    *("mqtts://h/t", "mqtt+wss://h/p?topic=t", "nats+tls://h?subject=s", "-"),
)


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Read settings of this text, with nothing in the environment."""
    for name in [name for name in os.environ if name.upper().startswith("SEAVIGIL_")]:
        monkeypatch.delenv(name)

    def of(text: str) -> Settings:
        path = tmp_path / NAME
        path.write_text(text)
        return read_settings(path)

    return of


def options(address: str) -> set[str]:
    """Give the options that the transport of an address knows: it lists them when it refuses one."""
    with pytest.raises(ValueError, match="no option"):
        transport_of(address, {"????": 1})
    try:
        transport_of(address, {"????": 1})
    except ValueError as refused:
        return set(re.findall(r"\w+", str(refused).rpartition("there are")[2]))
    raise AssertionError(address)


# --- what is read -----------------------------------------------------------------------------


def test_nothing_said_is_all_defaults(read: Read) -> None:
    """An empty file is a sound one."""
    found = read("")
    assert found.log.sync_s == 1.0  # at most a second is lost in a power cut
    assert found.alerts.escalate_after_min == 15.0
    assert (found.feeds, found.channels, found.watch.assets) == ({}, {}, [])


def test_the_example_says_the_defaults(read: Read) -> None:
    """The example is taken as it is, and says nothing else when every line in it is brought in."""
    assert read(example()) == read("")
    lines = [line.removeprefix("# ") for line in example().splitlines() if "= ..." not in line]
    brought_in = read("\n".join(lines[2:]))
    assert brought_in.feeds.keys() == {"coast"}
    assert brought_in.feeds["coast"] == FeedTable(url="tcp://127.0.0.1:5631")
    assert brought_in.channels == {"duty": ChannelTable(kind="file")}
    assert brought_in.oidc["house"].issuer == "https://id.example"
    assert brought_in.model_copy(update={"feeds": {}, "channels": {}, "oidc": {}}) == read("")


def test_every_key_is_described() -> None:
    """Each key of each table is in the list, with words and with what may stand there."""
    keys = list(described())
    assert len({(key.table, key.key) for key in keys}) == len(keys) > 40
    assert all(key.says and key.kind for key in keys)
    assert [k.kind for k in keys if (k.table, k.key) == ("feeds.NAME", "mute_after_s")] == ["number"]
    assert [k.kind for k in keys if k.key == "open_from"] == ["info, advisory, warning, urgent"]


def test_paths_lie_beside_the_file(read: Read, tmp_path: Path) -> None:
    """Wherever the service is started: paths are taken from its folder, those of options too."""
    found = read(
        """
        [watch]
        assets = ["cables.geojson", "/srv/pipes.gpkg"]
        normal = "normal"
        [feeds.broker]
        url = "mqtts://broker/ais"
        ca_file = "authority.pem"
        password = "file:secrets/mqtt"
        user = "file"
        [feeds.sky]
        url = "wss://sky.example/x"
        headers = { Authorization = "file:token", Plain = "words" }
        key_file = "~/key.pem"
        [channels.duty]
        kind = "webhook"
        secret = "file:secrets/hook"
        url = "env:HOOK"
        """
    )
    assert found.watch.assets == [tmp_path / "cables.geojson", Path("/srv/pipes.gpkg")]
    assert found.watch.normal == tmp_path / "normal"
    assert found.feeds["broker"].options == {
        "ca_file": str(tmp_path / "authority.pem"),
        "password": f"file:{tmp_path}/secrets/mqtt",
        "user": "file",
    }
    assert found.feeds["sky"].options == {
        "headers": {"Authorization": f"file:{tmp_path}/token", "Plain": "words"},
        "key_file": "~/key.pem",
    }
    assert found.channels["duty"].options == {"secret": f"file:{tmp_path}/secrets/hook", "url": "env:HOOK"}


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:///other.sqlite", "sqlite:///{folder}/other.sqlite"),
        ("sqlite:////srv/other.sqlite", "sqlite:////srv/other.sqlite"),
        ("kept", "{folder}/kept"),
        ("postgresql://watch@db/seavigil", "postgresql://watch@db/seavigil"),
    ],
)
def test_a_store_lies_beside_the_file(read: Read, tmp_path: Path, given: str, taken: str) -> None:
    """A store that is a file is taken from the folder too; one on a server is as it is."""
    assert read(f"[store]\nurl = '{given}'").store.url == taken.format(folder=tmp_path)


def test_every_key_is_used() -> None:
    """No key is known and then forgotten: what makes a service of the settings asks for each of them."""
    package = Path(inspect.getfile(read_settings)).parents[1]
    users = ("cli/serving.py", "cli/reached.py", "runners/feeding.py", "runners/lines.py")
    asked = set(re.findall(r"\.(\w+)\b", "".join((package / user).read_text() for user in users)))
    assert {key.key for key in described()} - asked == set()


def test_a_byte_order_mark_is_no_fault(read: Read) -> None:
    """Some editors put one before the text."""
    assert read("\ufeff[api]\nport = 1").api.port == 1


FAR = "[api]\nhost = '0.0.0.0'\nnames = ['watch.example']\n"
SSO = "[oidc.sso]\nissuer = 'https://id.example'\nclient_id = 'seavigil'\n"


def test_what_is_exposed_is_said(read: Read) -> None:
    """Bound to a network without TLS and without a proxy: passwords can be read by others on the way."""
    assert read("").api.exposed == ""
    assert "as plain text" in read(FAR).api.exposed
    assert read(f"{FAR}certificate = 'c.pem'").api.exposed == ""
    assert read(f"{FAR}behind_proxy = ['10.0.0.0/24']").api.exposed == ""


# --- slips ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[stroe]\nurl = 'x'", "there is no table [stroe]; did you mean 'store'?"),
        ("[log]\nsync = 1", "[log] has no key 'sync'; did you mean 'sync_s'?"),
        ("zzz = 1", "there is no table [zzz]; there are watch, feeds, channels"),
        ("[feeds.coast]\nformt = 'nmea'", "[feeds.coast] has no key 'formt'; did you mean 'format'?"),
        (
            "[feeds.coast]\nmute_after = 9",
            "[feeds.coast] has no key 'mute_after'; did you mean 'mute_after_s'?",
        ),
        ("[channels.a]\nmin_priorty = 'info'", "did you mean 'min_priority'?"),
        ("[channels.a]\nmin_priority = 'info'", "[channels.a] kind: Field required"),
        ("[channels.a]\nkind = 'file'\nmin_priority = 'high'", "should be 'info', 'advisory', 'warning' or"),
        ("[log]\nsync_s = 0", "[log] sync_s: Input should be greater than 0 (given: 0)"),
        ("[log]\nkeep_days = nan", "[log] keep_days: Input should be"),
        ("[log]\nkeep_days = inf", "[log] keep_days: Input should be"),
        ("[store]\nkeep_days = 1e300", "[store] keep_days: Input should be less than"),
        ("watch = 3", "watch: must be a table"),
        ("[feeds]\ncoast = 3", "[feeds] coast: must be a table"),
        ("[feeds.'']\nurl = '-'", "a name is 1 to 64 letters"),
        ('[feeds."a\\nb"]\nurl = "-"', "a name is 1 to 64 letters"),
        ("[alerts]\nexpire_after_h = 0.1", "[alerts] escalate_after_min must be less than expire_after_h"),
        ("[api]\nhost = '0.0.0.0'", "[api] host 0.0.0.0: say in names by which host names it is reached"),
        ("[api]\nhost = 'everywhere'", "[api] host is an IP address of this machine, or localhost"),
        ("[api]\nauthentication = 'off'", "[api] authentication: Input should be 'required' or 'none'"),
        (f"{FAR}authentication = 'none'", 'authentication = "none" is for a host of this machine alone'),
        ("[api]\nnames = ['w']\nauthentication = 'none'", "is for a host of this machine alone"),
        ("[api]\nbehind_proxy = ['::1']\nauthentication = 'none'", "is for a host of this machine alone"),
        ("[api]\nnames = ['https://w.example']", "names are host names, or addresses, without https://"),
        ("[api]\nbehind_proxy = ['*']", "behind_proxy takes IP addresses or networks: 10.0.0.7, 10.0.0.0/24"),
        ("[api]\nkey = 'k.pem'", "[api] key: of no use without certificate"),
        (f"{SSO}client_secret = 'hunter2'\nviewer = ['*']", "client_secret: give env:NAME or file:PATH"),
        (f"{SSO}client_secret = 'env:S'", "[oidc.sso] say in admin, operator or viewer who has which role"),
        (
            f"{SSO}client_secret = 'env:S'\nviewer = ['*']".replace("https", "http"),
            "[oidc.sso] issuer begins with https://",
        ),
        ("a = [", "Invalid value"),
        ("[watch]\n[watch]", "Cannot declare"),
        (f"a = {'[' * 5000}", "nested too deeply"),
        (f"a = {'9' * 5000}", "Exceeds the limit"),
    ],
)
def test_a_slip_is_told(read: Read, tmp_path: Path, text: str, told: str) -> None:
    """One line: the file, the table, the key, and what may be meant."""
    with pytest.raises(ValueError, match=re.escape(told)) as refused:
        read(text)
    assert str(refused.value).startswith(f"{tmp_path / NAME}: ")
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"frist_line": "x"}, "[feeds.coast] tcp://h:1: no option frist_line; did you mean first_line?"),
        ({"connect_within_s": "soon"}, "[feeds.coast] tcp://h:1: connect_within_s must be a number"),
    ],
)
def test_a_slip_in_an_option_is_told(options: dict[str, Any], told: str) -> None:
    """What belongs to a transport is known by it."""
    with pytest.raises(ValueError, match=re.escape(told)):
        named_feed("coast", FeedTable(url="tcp://h:1", **options))


@pytest.mark.parametrize("address", ADDRESSES)
def test_no_option_of_a_transport_looks_like_a_slip(address: str) -> None:
    """No option is so like a key of every feed that it would be taken for a slip of it."""
    common = list(FeedTable.model_fields)
    assert [name for name in options(address) if get_close_matches(name, common, 1, 0.8)] == []


@pytest.mark.parametrize("kind", CHANNELS)
def test_no_key_of_a_channel_looks_like_a_slip(kind: str) -> None:
    """No key of a kind is so like a key of every channel that it would be taken for a slip of it."""
    common = list(ChannelTable.model_fields)
    assert [name for name, *_ in described_channel(kind) if get_close_matches(name, common, 1, 0.8)] == []


def test_how_long_a_feed_may_be_silent_reaches_the_feed() -> None:
    """``mute_after_s`` goes with the feed into the log (tests/runners/test_feed_health.py: what it does)."""
    assert named_feed("coast", FeedTable(url="tcp://h:1", mute_after_s=20.0)).mute_after_s == 20.0


# --- secrets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "[store]\nurl = ['postgresql://watch:hunter2@db/x']",
        "[feeds.a]\nurl = ['mqtt://u:hunter2@h']",
        "[channels.a]\nkind = ['hunter2']",
        "[channels]\na = 'hunter2'",
        "[api]\nport = 'hunter2'",
        "[channels.a]\nkind = 'file'\nmin_priority = 'hunter2'",
        "[store]\nurl = 'hunter2' oops",
    ],
)
def test_no_text_that_was_given_is_shown(read: Read, text: str) -> None:
    """Somebody may have put a password where it does not belong."""
    with pytest.raises(ValueError, match=NAME) as refused:
        read(text)
    assert "hunter2" not in str(refused.value)
    assert refused.value.__cause__ is None


def test_nothing_of_the_environment_is_shown(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor what was put into a variable."""
    for name in ("SEAVIGIL_FEEDS", "SEAVIGIL_API__PORT"):
        monkeypatch.setenv(name, "hunter2")
        with pytest.raises(ValueError, match="environment") as refused:
            read("")
        assert "hunter2" not in str(refused.value)
        monkeypatch.delenv(name)


# --- environment ------------------------------------------------------------------------------


def test_the_environment_goes_before_the_file(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A variable sets one key; what the file says of others stays."""
    monkeypatch.setenv("SEAVIGIL_STORE__URL", "postgresql://db/seavigil")
    monkeypatch.setenv("SEAVIGIL_FEEDS__COAST__URL", "tcp://127.0.0.1:2")
    monkeypatch.setenv("SEAVIGIL_WATCH__ALARM_BUDGET", "5")
    found = read("[store]\nurl = 'x'\nkeep_days = 7\n[feeds.coast]\nurl = 'tcp://h:1'\nformat = 'nmea'\n")
    assert (found.store.url, found.store.keep_days) == ("postgresql://db/seavigil", 7.0)
    assert found.feeds["coast"] == FeedTable(url="tcp://127.0.0.1:2", format="nmea")
    assert found.watch.alarm_budget == 5.0


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("SEAVIGIL_STROE__URL", "SEAVIGIL_STROE__URL: there is no table [stroe]; did you mean 'store'?"),
        ("SEAVIGIL_STORE__ULR", "the environment: [store] has no key 'ulr'; did you mean 'url'?"),
        ("SEAVIGIL_STORE_URL", "SEAVIGIL_STORE_URL: write SEAVIGIL_STORE__URL, with two underscores"),
        ("SEAVIGIL_FEEDS__COAST__FORMT", "[feeds.coast] has no key 'formt'; did you mean 'format'?"),
        (
            "SEAVIGIL_API__PORT",
            "the environment: SEAVIGIL_API__PORT: [api] port: Input should be a valid integer",
        ),
    ],
)
def test_a_slip_in_the_environment_is_told(
    read: Read, monkeypatch: pytest.MonkeyPatch, name: str, told: str
) -> None:
    """A variable that sets nothing would be believed to have set something."""
    monkeypatch.setenv(name, "x")
    with pytest.raises(ValueError, match=re.escape(told)):
        read("")


def test_other_variables_are_left_alone(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """A secret may have a name of ours: env:SEAVIGIL_HOOK."""
    monkeypatch.setenv("SEAVIGIL_HOOK", "whsec_x")
    assert read("") == read("")


# --- whatever is written ----------------------------------------------------------------------

_VALUES = st.recursive(
    st.one_of(
        st.sampled_from(
            ["1", "-1", "0", "1e400", "nan", "-inf", "true", "''", "'a'", "1979-05-27", "'\\u0000'"]
        ),
        st.integers().map(str),
        st.floats().map(repr),
        st.text(max_size=8).map(repr),
    ),
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(lambda items: f"[{', '.join(items)}]"),
        inner.map(lambda item: f"{{ a = {item} }}"),
    ),
    max_leaves=4,
)
_KEYS = st.one_of(
    st.sampled_from(sorted({key.key for key in described()})),
    st.text("abc_-\"'. ", min_size=1, max_size=6),
)
_TABLES = st.one_of(
    st.sampled_from([*Settings.model_fields, "feeds.a", "channels.b", "feeds.'x y'", "store.url", "[feeds]"]),
    st.text("ab.[\"' ", max_size=5),
)
_LINES = st.one_of(
    st.tuples(_KEYS, _VALUES).map(lambda pair: f"{pair[0]} = {pair[1]}"),
    _TABLES.map(lambda name: f"[{name}]"),
    st.text(max_size=12),
)
_LISTS = st.lists(_LINES, max_size=8).map("\n".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.one_of(_LISTS, st.text(max_size=60)))
def test_whatever_is_written_is_settings_or_one_line(tmp_path: Path, text: str) -> None:
    """No text makes anything else than settings that can be used, or an error of one line."""
    path = tmp_path / NAME
    path.write_bytes(text.encode(errors="surrogatepass"))
    told = None
    try:
        assert isinstance(read_settings(path), Settings)
    except ValueError as refused:
        told = str(refused)
    assert told is None or (told.startswith(f"{path}: ") and told.isprintable())


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    """A file of another kind is told as such; one that is not there has its name in the error."""
    path = tmp_path / NAME
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="not UTF-8"):
        read_settings(path)
    with pytest.raises(FileNotFoundError):
        read_settings(tmp_path / "elsewhere.toml")
