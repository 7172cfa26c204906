"""Run atheris over all formats: ``make fuzz MINUTES=10``, or ``python -m fuzz --minutes 10``.

An input that breaks a rule is written to ``crash-*`` in the folder of ``--corpus`` and told with
its traceback; ``python -m fuzz --again FILE`` runs it once more. What the fuzzer found
interesting stays in that folder, so that the next run goes on from there.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import atheris

with atheris.instrument_imports(include=["seavigil"]):
    from fuzz.check import check
    from seavigil.feeds.formats import FORMATS
from fuzz.seeds import seeds


def plant(corpus: Path) -> None:
    """Write the seeds, each for each format, where they are not yet."""
    corpus.mkdir(parents=True, exist_ok=True)
    for at, seed in enumerate(seeds()):
        for choice in range(len(FORMATS)):
            (corpus / f"seed-{at}-{choice}").write_bytes(bytes([choice, 60]) + seed)


def main() -> None:
    """Fuzz until the minutes are over or something breaks."""
    parser = argparse.ArgumentParser(prog="python -m fuzz", description=__doc__.partition("\n")[0])
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--corpus", type=Path, default=Path("build/fuzz"))
    parser.add_argument("--again", type=Path, help="run this one input and stop")
    asked = parser.parse_args()
    if asked.again:
        check(asked.again.read_bytes())
        return
    plant(asked.corpus)
    limits = [
        f"-max_total_time={round(asked.minutes * 60)}",
        "-max_len=2048",
        "-timeout=60",
        "-rss_limit_mb=4096",
    ]
    arguments = [sys.argv[0], *limits, f"-artifact_prefix={asked.corpus}/", str(asked.corpus)]
    atheris.Setup(arguments, check)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
