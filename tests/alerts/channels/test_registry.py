"""The kinds of channels: each documented, each made of its settings alone, mistakes said in words."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from seavigil.alerts.channels import CHANNELS, channel_of, described
from tests.alerts.channels.letters import tools

#: What each kind cannot do without.
LEAST: dict[str, dict[str, object]] = {
    "webhook": {"url": "https://example.org/hook", "secret": "env:SECRET"},
    "email": {"host": "mail.example.org", "sender": "watch@example.org", "to": ["duty@example.org"]},
    "mqtt": {"url": "mqtt://broker.example.org"},
    "nats": {"url": "nats://nats.example.org"},
    "cap": {"sender": "watch@example.org"},
    "syslog": {},
    "file": {},
}
SECRETS = {"env:SECRET": "s" * 32, "file:key": "k" * 32}


@pytest.mark.parametrize("kind", CHANNELS)
def test_each_kind_needs_little_and_says_what(kind: str, tmp_path: Path) -> None:
    """With its required keys a channel is made; without any of them the missing one is named."""
    made = channel_of(kind, LEAST[kind], tools(tmp_path), SECRETS.__getitem__)
    assert isinstance(made.params, CHANNELS[kind].params)
    required = {name for name, default, _ in described(kind) if default == "required"}
    assert required == LEAST[kind].keys()
    for name in required:
        fewer = {key: value for key, value in LEAST[kind].items() if key != name}
        with pytest.raises(ValueError, match=name):
            channel_of(kind, fewer, tools(tmp_path), SECRETS.__getitem__)


@pytest.mark.parametrize("kind", CHANNELS)
def test_each_key_is_documented(kind: str, repository: Path) -> None:
    """Every key has a sentence in the code, and that sentence and its default stand on the reference page."""
    page = (repository / "docs" / "reference" / "channels.md").read_text()
    section = page.partition(f"## `{kind}`")[2].partition("\n## ")[0]
    for name, default, says in described(kind):
        if name != "timeout_s":  # told once for all kinds
            assert says.endswith("."), name
            shown = {"required": "required", "none": ""}.get(default, f"`{default}`")
            assert f"| `{name}` | {shown} | {says} |" in section


def test_secrets_are_read_from_where_they_lie() -> None:
    """What is given by value is refused, what is given by place is read; neither is repeated."""
    made = channel_of("webhook", LEAST["webhook"] | {"secret": "file:key"}, tools(), SECRETS.__getitem__)
    assert made.params.secret == "k" * 32
    hidden = LEAST["webhook"] | {"url": "env:URL"}
    found = channel_of("webhook", hidden, tools(), (SECRETS | {"env:URL": "https://x.org/T0K"}).__getitem__)
    assert found.params.url == "https://x.org/T0K"
    with pytest.raises(ValueError, match="secret: give env:NAME or file:PATH, not the value itself"):
        channel_of("webhook", LEAST["webhook"] | {"secret": "x" * 32}, tools(), SECRETS.__getitem__)


def test_paths_are_taken_from_the_folder_of_the_settings(tmp_path: Path) -> None:
    """A service started elsewhere finds its files all the same."""
    made = channel_of("file", {"path": "told/alerts.ndjson"}, tools(tmp_path), str)
    assert made.params.path == str(tmp_path / "told" / "alerts.ndjson")


@pytest.mark.parametrize(
    ("kind", "options", "said"),
    [
        ("webhok", {}, "there is no kind of channel 'webhok'; did you mean 'webhook'?"),
        ("pigeon", {}, "there is no kind of channel 'pigeon'; there are webhook, email, mqtt"),
        ("file", {"pth": "x"}, "a channel of kind file has no key 'pth'; did you mean 'path'?"),
        ("cap", {"sender": "w@x.org", "keep": "many"}, "keep: Input should be a valid integer"),
    ],
)
def test_mistakes_are_said_with_what_may_be_meant(kind: str, options: dict[str, object], said: str) -> None:
    """A kind, a key or a value that there is not."""
    with pytest.raises(ValueError, match=r".") as raised:
        channel_of(kind, options, tools(), str)
    assert said in str(raised.value)


def test_looking_at_the_kinds_loads_no_client() -> None:
    """Settings are checked without the libraries that send."""
    heavy = ("httpx", "lxml", "aiomqtt", "paho", "nats")
    code = f"import sys, seavigil.alerts.channels; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
