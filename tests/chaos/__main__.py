"""`python -m tests.chaos`: a fault run. The last line of standard output is its verdict as JSON; 1 when it is red."""

import argparse
import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.chaos.run import run
from tests.chaos.schedule import schedule
from tests.chaos.verdict import Verdict


def main() -> int:
    chosen = _arguments()
    folder = Path(chosen.keep) if chosen.keep else Path(tempfile.mkdtemp(prefix="muster-chaos-"))
    scenario = schedule(
        chosen.seed, database=chosen.db, kills=chosen.kills, groups=chosen.groups, seconds=chosen.seconds
    )
    return show(asyncio.run(run(scenario, database=chosen.db, folder=folder)))


def show(verdict: Verdict) -> int:
    for finding in verdict.findings:
        sys.stderr.write(f"{finding.fault.value}: {finding.says}\n")
    sys.stderr.flush()
    sys.stdout.write(verdict.line() + "\n")
    return 0 if verdict.ok else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--seed", type=int, default=1, help="the dice of the run (default 1)")
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=int, default=20, help="faults of processes and servers (default 20)")
    parser.add_argument("--groups", type=int, default=300, help="default 300")
    parser.add_argument("--seconds", type=float, default=75.0, help="how long events begin (default 75)")
    parser.add_argument("--keep", default=os.environ.get("CHAOS_KEEP", ""), help="an empty folder to leave it all in")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
