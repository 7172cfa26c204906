"""What listeners are told: every revision, how far the data have come now and then, what is wrong once."""

from __future__ import annotations

from typing import Any

import pytest

from seavigil.records import SECOND_US, parse_time_us
from seavigil.runners.bulletin import Bulletin
from seavigil.runners.news import PICTURE_EVERY_US, News
from tests.runners.statuses import MUTE, WELL, but

AT_US = parse_time_us("2025-11-20T04:21:00Z")


class Said(Bulletin):
    """A bulletin that remembers what was published."""

    def __init__(self) -> None:
        super().__init__()
        self.said: list[tuple[str, Any]] = []

    def publish(self, kind: str, content: Any) -> None:
        """Remember it."""
        self.said.append((kind, content))


def test_the_picture_is_told_now_and_then() -> None:
    """No more often than every two seconds, and only when the data have come further."""
    bulletin = Said()
    news = News(bulletin)
    news.picture(AT_US, 0)
    news.picture(AT_US + SECOND_US, PICTURE_EVERY_US - 1)  # too soon
    news.picture(AT_US, 10 * PICTURE_EVERY_US)  # nothing new
    news.picture(AT_US + SECOND_US, 10 * PICTURE_EVERY_US)
    assert bulletin.said == [
        ("picture", {"as_of": "2025-11-20T04:21:00Z"}),
        ("picture", {"as_of": "2025-11-20T04:21:01Z"}),
    ]


def test_what_is_wrong_is_told_when_it_changes() -> None:
    """That all is well from the start is no news; a fault is, once, and that it is mended."""
    bulletin = Said()
    news = News(bulletin)
    broken = but(feeds=(MUTE,))
    for status in (WELL, broken, broken, WELL):
        news.status(status)
    told = [content["problems"] for kind, content in bulletin.said if kind == "status"]
    assert len(told) == 2
    assert told[0]
    assert told[1] == []


def test_what_is_kept_of_an_alert_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its assets by id and what is told, whatever else stands in its line: some 5,000 are kept."""
    from types import SimpleNamespace

    from tests.api.test_api import line

    told = line(1, assets=[{"asset_id": "link-1", "name": "Link 1", "long": "x" * 10_000}], long="x" * 10_000)
    told |= {"revised_at": told["detected_at"]}
    monkeypatch.setattr("seavigil.alerts.channels.words.headline", lambda line: "a headline")
    bulletin = Said()
    News(bulletin).alerts([SimpleNamespace(as_json=lambda: told)])  # type: ignore[list-item]
    ((kind, content),) = bulletin.said
    assert kind == "alert"
    assert content["assets"] == [{"asset_id": "link-1"}]
    assert len(str(content)) < 1_000
