"""When a process may be asked to end: not before it minds its signals."""

import asyncio
import signal
import time
from pathlib import Path

import pytest

from tests.chaos.program import Program

MINDS = "import signal, time; signal.signal(signal.SIGTERM, lambda *_: exit(0)); print(1, flush=True); time.sleep(60)"
DOES_NOT = "import time; print(1, flush=True); time.sleep(60)"


@pytest.mark.parametrize(("script", "settled"), [(MINDS, True), (DOES_NOT, False)], ids=["minds", "does not"])
async def test_a_process_is_settled_when_it_minds_its_signals(tmp_path: Path, script: str, settled: bool) -> None:
    (tmp_path / "sleeper.py").write_text(script)
    program = Program("sleeper", ["sleeper"], {}, tmp_path)
    await program.start()
    while not await asyncio.to_thread(program.output.read_text):
        await asyncio.to_thread(time.sleep, 0.02)
    assert program.settled is settled
    code = await program.end(signal.SIGTERM)
    assert code == (0 if settled else -signal.SIGTERM)
    assert not program.settled
