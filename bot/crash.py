"""Named places where a test may stop the process dead, to prove that nothing is lost or repeated there.

`VIGIE_CRASH_AT=k` kills this process at the k-th place that it passes; `VIGIE_CRASH_TRACE=FILE` lists the places
passed. Without them a place costs one comparison.
"""

from __future__ import annotations

import os
import signal
from pathlib import Path

_stop_at = int(os.environ.get("VIGIE_CRASH_AT", "0"))
_trace = os.environ.get("VIGIE_CRASH_TRACE", "")
_passed = 0


def point(name: str) -> None:
    """Mark a place by its name, and end the process there when a test asked for it."""
    if not (_stop_at or _trace):
        return
    global _passed  # noqa: PLW0603  # one process counts its own places
    _passed += 1
    if _trace:
        with Path(_trace).open("a", encoding="utf-8") as trace:
            trace.write(f"{name}\n")
    if _passed == _stop_at:
        os.kill(os.getpid(), signal.SIGKILL)
