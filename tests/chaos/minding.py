"""Whether a process minds a signal, or would die of it."""

import contextlib
import re
import signal
from pathlib import Path

_CAUGHT = re.compile(r"^SigCgt:\s*([0-9a-f]+)$", re.MULTILINE)


def minds(process_id: int, number: signal.Signals) -> bool:
    """`SigCgt` in proc_pid_status(5); a process that has ended minds nothing."""
    status = ""
    with contextlib.suppress(OSError):
        status = Path(f"/proc/{process_id}/status").read_text()
    caught = _CAUGHT.search(status)
    return caught is not None and bool(int(caught[1], 16) >> (number - 1) & 1)
