"""`python -m tests.chaos [run|plants]`: a fault run, or the proof that the checker finds planted bugs. The last line of
standard output is the verdict as JSON; the exit code is 1 when it is red."""

import argparse
import asyncio
import shutil
import sys
import tempfile
from pathlib import Path

from tests.chaos.plants import PLANTS
from tests.chaos.proof import prove
from tests.chaos.run import run
from tests.chaos.schedule import enough, schedule
from tests.chaos.verdict import Verdict


def main() -> int:
    chosen = _arguments()
    folder = Path(chosen.keep or tempfile.mkdtemp(prefix="muster-chaos-"))
    if chosen.what == "plants":
        names = [] if chosen.plant in {None, "all"} else [chosen.plant]
        right = asyncio.run(prove(names, database=chosen.db, folder=folder, sound=chosen.sound))
    else:
        seconds = chosen.seconds or enough(chosen.kills, chosen.groups)
        scenario = schedule(chosen.seed, database=chosen.db, kills=chosen.kills, groups=chosen.groups, seconds=seconds)
        right = _show(asyncio.run(run(scenario, database=chosen.db, folder=folder)))
    if not chosen.keep:
        shutil.rmtree(folder, ignore_errors=True)
    return 0 if right else 1


def _show(verdict: Verdict) -> bool:
    for finding in verdict.findings:
        sys.stderr.write(f"{finding.fault.value}: {finding.says}\n")
    sys.stderr.flush()
    sys.stdout.write(verdict.line() + "\n")
    return verdict.ok


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("what", nargs="?", choices=["run", "plants"], default="run")
    parser.add_argument("--seed", type=int, default=1, help="the dice of the run (default 1)")
    parser.add_argument("--db", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--kills", type=int, default=20, help="faults of processes and servers (default 20)")
    parser.add_argument("--groups", type=int, default=300, help="default 300")
    parser.add_argument("--seconds", type=float, help="how long events begin (default: as kills and groups need)")
    parser.add_argument("--plant", choices=["all", *PLANTS], help="one planted bug instead of all")
    parser.add_argument("--sound", action="store_true", help="play the plants' scenes without any bug, too")
    parser.add_argument("--keep", help="an empty folder in which to leave logs, database and facts")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
