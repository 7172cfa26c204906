"""Learn the prior rates: run the watch over invented ordinary traffic and count its alerts by strength.

    python -m tools.learn_rates --seeds 1-60 --jobs 2

Writes src/seavigil/risk/prior_rates.json with the command, seeds and ship-days in it. Run it again whenever
a behaviour or a weight has changed. Seeds are training seeds, below 1000: the scorecard's own are never used.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from pathlib import Path

from seavigil.alerts import Alert
from seavigil.behaviours import CATALOGUE
from seavigil.exercises.ordinary import ordinary
from seavigil.exercises.plays import Play
from seavigil.records import Decoded
from seavigil.risk import Policy
from seavigil.risk.rates import PRIOR, Rates
from seavigil.runners.counted import Counted
from seavigil.runners.live import Watch
from seavigil.runners.playing import known_of

TARGET = Path(__file__).resolve().parents[1] / "src/seavigil/risk/prior_rates.json"
LAST_TRAINING_SEED = 999


def learn(
    seed: int, *, ships: int, days: float, every_s: float, without: tuple[str, ...]
) -> tuple[Rates, list[str]]:
    """Give the rates of one play, and its alerts in a line each, the strongest first."""
    play = ordinary(seed, ships=ships, days=days)
    alerts: dict[str, Alert] = {}
    counted = Counted()
    catalogue = tuple(b for b in CATALOGUE if b.name not in without)
    assets, known = known_of(play)
    watch = Watch(assets, catalogue, known, Policy())
    for decoded, final in _pieces(play, every_s):
        outcome = watch.take(decoded, final=final)
        counted.take(outcome)
        alerts.update((alert.alert_id, alert) for alert in outcome.alerts)
        for fault in outcome.faults:
            print(f"seed {seed}: {fault}", file=sys.stderr)
    ordered = sorted(alerts.values(), key=lambda a: -a.strength)
    lines = [
        f"{a.strength:6.2f} {a.priority:<8} seed {seed} {_who(a)} {'+'.join(a.behaviours)}" for a in ordered
    ]
    rates = counted.rates(PRIOR)
    if rates is None:
        raise ValueError(f"seed {seed}: no ship was heard")
    return rates, lines


def _who(alert: Alert) -> str:
    return (
        alert.alert_id if alert.vessel is None else f"{alert.vessel.vessel_id} type {alert.vessel.ship_type}"
    )


def _pieces(play: Play, every_s: float) -> Iterator[tuple[Decoded, bool]]:
    for decoded in play.pieces(every_s):
        yield decoded, False
    yield Decoded(), True


def main() -> None:
    """Learn from the seeds asked for and write the file."""
    parser = argparse.ArgumentParser(description="Count alerts of invented ordinary traffic by strength.")
    parser.add_argument("--seeds", default="1-60", help="first-last, below 1000")
    parser.add_argument("--ships", type=int, default=100)
    parser.add_argument("--days", type=float, default=1.0)
    parser.add_argument("--every-s", type=float, default=60.0, help="at most one report a ship in so long")
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--show", type=int, default=40, help="print so many of the strongest alerts")
    parser.add_argument("--without", default="", help="behaviours to leave out, with commas")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    asked = parser.parse_args()
    first, _, last = asked.seeds.partition("-")
    seeds = range(int(first), int(last or first) + 1)
    if not 0 <= seeds[0] <= seeds[-1] <= LAST_TRAINING_SEED:
        parser.error(f"training seeds lie between 0 and {LAST_TRAINING_SEED}")
    without = tuple(name for name in asked.without.split(",") if name)
    if unknown := set(without) - {b.name for b in CATALOGUE}:
        parser.error(f"no such behaviour: {', '.join(sorted(unknown))}")
    one = partial(learn, ships=asked.ships, days=asked.days, every_s=asked.every_s, without=without)
    with ProcessPoolExecutor(asked.jobs) as pool:
        learned = list(pool.map(one, seeds))
    rates = learned[0][0]
    for more, _ in learned[1:]:
        rates += more
    _show([line for _, lines in learned for line in lines], rates, asked.show)
    if not asked.dry_run:
        command = f"python -m tools.learn_rates --seeds {asked.seeds} --ships {asked.ships}"
        command += f" --days {asked.days:g} --every-s {asked.every_s:g}"
        command += f" --without {asked.without}" if without else ""
        made = {"made_by": command, "seeds": [seeds[0], seeds[-1]], **rates.as_json()}
        TARGET.write_text(json.dumps(made) + "\n", encoding="utf-8")
        print(f"written: {TARGET.name}")


def _show(lines: list[str], rates: Rates, most: int) -> None:
    """Say what the strongest alerts are of, and which strengths the cuts mean."""
    print(f"{rates.ship_days:.0f} ship-days, {len(lines)} alerts")
    for line in sorted(lines, key=lambda li: -float(li.split()[0]))[:most]:
        print(line)
    print(Counter(line.split()[-1] for line in lines).most_common(30))
    for cut in (5.0, 0.5):
        print(f"at most {cut:g} in 1,000 ship-days: from strength {rates.strength_at(cut):g} on")


if __name__ == "__main__":
    main()
