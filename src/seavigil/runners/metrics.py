"""A service's status as Prometheus metrics: names and units by Prometheus' conventions, filled when asked.

https://prometheus.io/docs/practices/naming/: base units (seconds, bytes), counters end in ``_total``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from seavigil.records import SECOND_US
from seavigil.runners.status import StatusSnapshot, feed_alive, live, ready
from seavigil.store.rows import FeedRow

#: Figures of a feed's row that are of the last minute, not counts since the log began.
_LATELY = ("minute_", "alive", "connections")


class StatusCollector(Collector):
    """Makes metrics of the newest status each time it is asked."""

    def __init__(self, status: Callable[[], StatusSnapshot]) -> None:
        self._status = status

    def collect(self) -> Iterator[Metric]:
        """Give all metrics."""
        status = self._status()
        yield from _of_service(status)
        yield from _of_feeds(status.feeds)
        yield from _of_alerts(status)
        yield from _of_channels(status.channels)

    def describe(self) -> Iterator[Metric]:
        """Give none: what there is depends on the feeds."""
        return iter(())


def registry(status: Callable[[], StatusSnapshot]) -> CollectorRegistry:
    """Give a registry of its own (not the process-wide one) with the metrics of a status."""
    found = CollectorRegistry(auto_describe=False)
    found.register(StatusCollector(status))
    return found


def exposition(status: Callable[[], StatusSnapshot]) -> bytes:
    """Give the metrics in Prometheus' text format."""
    return generate_latest(registry(status))


def _of_service(status: StatusSnapshot) -> Iterator[Metric]:
    build = GaugeMetricFamily("seavigil_build_info", "Version of Seavigil; always 1", labels=["version"])
    build.add_metric([status.version], 1)
    yield build
    judge, log = status.judge, status.log
    yield _gauge("seavigil_start_time_seconds", "When the service began", status.started_us / SECOND_US)
    yield _gauge("seavigil_live", "1 unless only a restart helps", not live(status))
    yield _gauge("seavigil_ready", "1 where the watch can be relied on", not ready(status))
    yield _gauge("seavigil_judge_up", "1 while the judging thread runs", judge.alive)
    yield _gauge("seavigil_judge_lag_seconds", "Newest record back to the newest judged", judge.lag_s)
    yield _gauge("seavigil_judge_position", "Number of the newest record judged", judge.position)
    yield _counter("seavigil_judge_reports", "Reports judged", judge.reports)
    yield _gauge("seavigil_log_position", "Number of the newest record written down", log.position)
    yield _gauge("seavigil_log_bytes", "Size of the raw log", log.bytes)
    yield _gauge("seavigil_log_writable", "1 while feeds can be written down", log.writable)
    if log.free_bytes is not None:
        yield _gauge("seavigil_log_free_bytes", "Room left on the log's disk", log.free_bytes)
    yield _gauge("seavigil_store_writable", "1 while the store takes what is judged", status.store.writable)
    yield _gauge("seavigil_step_faults", "Steps that failed on one ship in the last day", status.faults)


def _of_feeds(feeds: tuple[FeedRow, ...]) -> Iterator[Metric]:
    up = _labelled("seavigil_feed_up", "1 while a feed brings reports", "feed")
    state = _labelled("seavigil_feed_state", "1 for the state a feed is in", "feed", "state")
    sent = _counted("seavigil_feed_reports", "Reports decoded", "feed")
    received = _counted("seavigil_feed_received_bytes", "Bytes received", "feed")
    rejects = _counted("seavigil_feed_rejects", "Records that could not be read", "feed")
    lost = _counted("seavigil_feed_lost", "What was lost or cut before it was written down", "feed", "what")
    ships = _labelled("seavigil_feed_ships", "Ships heard in the last ten minutes", "feed")
    times = {
        "last_report_us": _labelled(
            "seavigil_feed_last_report_timestamp_seconds", "When the last report came", "feed"
        ),
        "last_bytes_us": _labelled(
            "seavigil_feed_last_bytes_timestamp_seconds", "When the last bytes came", "feed"
        ),
    }
    figures = {
        "usual_reports_per_s": _labelled(
            "seavigil_feed_usual_reports_per_second", "Usual at this hour of the week", "feed"
        ),
        "delay_s_median": _labelled(
            "seavigil_feed_delay_median_seconds", "Arrival less own time, last minute", "feed"
        ),
        "delay_s_p95": _labelled("seavigil_feed_delay_p95_seconds", "The same, 95th percentile", "feed"),
    }
    for row in feeds:
        name = [row.name]
        up.add_metric(name, feed_alive(row))
        state.add_metric([row.name, row.state], 1)
        for metric, value in ((sent, row.reports), (received, row.bytes), (rejects, row.rejects)):
            metric.add_metric(name, value)
        ships.add_metric(name, row.ships)
        for what, count in row.counts.items():
            if not what.startswith(_LATELY):
                lost.add_metric([row.name, what], count)
        for key, gauge in (times | figures).items():
            value = getattr(row, key)
            if value is not None:
                gauge.add_metric(name, value / SECOND_US if key in times else value)
    yield from (up, state, sent, received, rejects, lost, ships, *times.values(), *figures.values())


def _of_alerts(status: StatusSnapshot) -> Iterator[Metric]:
    alerts = _labelled("seavigil_alerts", "Alerts in the store", "priority", "status")
    for priority, by_status in status.alerts.items():
        for name, count in by_status.items():
            alerts.add_metric([priority, name], count)
    yield alerts
    outbox = status.outbox
    yield _gauge("seavigil_outbox_waiting", "Messages not sent yet", outbox.waiting)
    yield _gauge("seavigil_outbox_dead", "Messages given up", outbox.dead)
    yield _counter("seavigil_outbox_sent", "Messages sent", outbox.sent)
    oldest_s = outbox.oldest_s or 0.0
    yield _gauge(
        "seavigil_outbox_oldest_waiting_seconds", "How long the oldest waits beyond its time", oldest_s
    )


def _of_channels(channels: Mapping[str, Mapping[str, float]]) -> Iterator[Metric]:
    """Give every figure of the channels; what counts up (``*_total``) as a counter."""
    for figure in sorted({name for figures in channels.values() for name in figures}):
        named = f"seavigil_channel_{figure}"
        make = _counted if figure.endswith("_total") else _labelled
        metric = make(named.removesuffix("_total"), f"{figure.replace('_', ' ')} of a channel", "channel")
        for channel, figures in channels.items():
            if figure in figures:
                metric.add_metric([channel], figures[figure])
        yield metric


def _gauge(name: str, says: str, value: float) -> Metric:
    return GaugeMetricFamily(name, says, value=value)


def _counter(name: str, says: str, value: float) -> Metric:
    return CounterMetricFamily(name, says, value=value)


def _labelled(name: str, says: str, *labels: str) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, labels=labels)


def _counted(name: str, says: str, *labels: str) -> CounterMetricFamily:
    return CounterMetricFamily(name, says, labels=labels)
