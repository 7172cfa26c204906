"""Feeds from what a user names."""

from __future__ import annotations

import pytest

from seavigil.runners.feeding import feeds_of
from seavigil.runners.service import told_apart


def test_topics_of_one_broker_are_feeds_of_their_own() -> None:
    """Two addresses that differ in the topic only have two names and two numbers in the log."""
    for urls in (
        ["mqtt://10.0.0.1/a", "mqtt://10.0.0.1/b"],
        ["mqtt+ws://10.0.0.1/mqtt?topic=a", "mqtt+ws://10.0.0.1/mqtt?topic=b"],
        ["nats://10.0.0.1?subject=a", "nats://10.0.0.1?subject=b"],
    ):
        feeds = feeds_of(urls, None, None, until_closed=False)
        told_apart(feeds)
        assert len({feed.name for feed in feeds}) == len({feed.number for feed in feeds}) == 2


def test_one_feed_given_twice_is_refused() -> None:
    """As one feed they would share a health and a number, and nobody would be told when one is silent."""
    feeds = feeds_of(
        ["udp://127.0.0.1:10110", "udp://127.0.0.1:10110?by_host=yes"], None, None, until_closed=False
    )
    with pytest.raises(ValueError, match="two feeds are called udp:"):
        told_apart(feeds)


@pytest.mark.parametrize("until_closed", [True, False])
def test_what_has_an_end_is_a_recording_of_any_day(until_closed: bool) -> None:
    """Somebody plays a recording: its clock is not wrong because it is not that of today."""
    (feed,) = feeds_of(["tcp://127.0.0.1:4001"], None, None, until_closed=until_closed)
    assert feed.replay is until_closed
