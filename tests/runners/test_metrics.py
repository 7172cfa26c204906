"""Metrics have Prometheus' names and units and say what the status says."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from seavigil.records import SECOND_US
from seavigil.runners.metrics import exposition
from seavigil.runners.status import StatusSnapshot
from tests.runners.statuses import COAST, MUTE, NOW_US, WELL, but


def samples(status: StatusSnapshot) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Give every sample that Prometheus reads, by name and labels."""
    families = text_string_to_metric_families(exposition(lambda: status).decode())
    return {(s.name, tuple(sorted(s.labels.items()))): s.value for f in families for s in f.samples}


def test_a_feed_in_metrics() -> None:
    """Counters count since the log began, times are seconds since 1970, losses have their names."""
    found = samples(but(feeds=(COAST, MUTE)))
    coast, sky = (("feed", "coast"),), (("feed", "sky"),)
    assert found["seavigil_feed_reports_total", coast] == 20_000
    assert found["seavigil_feed_received_bytes_total", coast] == 1_000_000
    assert found["seavigil_feed_last_report_timestamp_seconds", coast] == NOW_US / SECOND_US - 2
    assert (found["seavigil_feed_up", coast], found["seavigil_feed_up", sky]) == (1, 0)
    assert found["seavigil_feed_state", (("feed", "sky"), ("state", "mute"))] == 1
    assert found["seavigil_feed_lost_total", (("feed", "coast"), ("what", "kernel_drops"))] == 3
    assert found["seavigil_feed_delay_median_seconds", coast] == 1.25
    assert ("seavigil_feed_delay_median_seconds", sky) not in found  # not known is not nought
    assert not any("minute" in dict(labels).get("what", "") for _, labels in found)


def test_the_service_in_metrics() -> None:
    """Judge, log, store, alerts and letters."""
    found = samples(but(judge={"lag_s": 61.0}))
    assert found["seavigil_judge_lag_seconds", ()] == 61
    assert (found["seavigil_live", ()], found["seavigil_ready", ()]) == (1, 0)
    assert found["seavigil_log_bytes", ()] == 5_000_000
    assert found["seavigil_alerts", (("priority", "urgent"), ("status", "open"))] == 1
    assert found["seavigil_outbox_sent_total", ()] == 12
    assert found["seavigil_channel_sent_total", (("channel", "duty"),)] == 12
    assert found["seavigil_build_info", (("version", "1.2.3"),)] == 1


@pytest.mark.parametrize("status", [WELL, but(feeds=()), StatusSnapshot(NOW_US)])
def test_names_follow_the_conventions(status: StatusSnapshot) -> None:
    """One prefix, base units, counters end in _total, every metric has help (prometheus.io: naming)."""
    text = exposition(lambda: status).decode()
    for family in text_string_to_metric_families(text):
        assert family.name.startswith("seavigil_")
        assert family.documentation
        assert not family.name.endswith(("_ms", "_minutes", "_kb", "_count"))
        if family.type == "counter":
            assert all(s.name.endswith("_total") for s in family.samples)


def test_every_metric_is_explained() -> None:
    """The page on metrics has each name that is given, and its kind."""
    page = (Path(__file__).resolve().parents[2] / "docs/reference/metrics.md").read_text()
    told = dict(re.findall(r"^\| `(seavigil_\w+?)` \| (\w+) \|", page, re.MULTILINE))
    text = exposition(lambda: replace(WELL, channels={})).decode()
    families = [f for f in text_string_to_metric_families(text) if f.samples]
    given = {f.name + ("_total" if f.type == "counter" else ""): f.type for f in families}
    assert given == {name: kind for name, kind in told.items() if name in given}
    assert set(told) == set(given)


def test_a_feed_with_an_odd_name_breaks_nothing() -> None:
    """Quotes, backslashes and line ends in a name are written so that Prometheus reads the name."""
    odd = 'a "b"\\\nc'
    assert samples(but(feeds=(replace(COAST, name=odd),)))["seavigil_feed_up", (("feed", odd),)] == 1
