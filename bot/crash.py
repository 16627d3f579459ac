"""Named places where a test may stop the process dead, to prove that nothing is lost or repeated there.

`VIGIE_CRASH_AT=k` kills this process at the k-th place that it passes; `VIGIE_CRASH_TRACE=FILE` lists the places
passed. Without them a place costs one look-up.
"""

from __future__ import annotations

import functools
import os
import signal
from pathlib import Path

_passed = 0


@functools.cache
def _asked() -> tuple[int, str]:
    """Return the place to stop at, 0 for none, and the file that lists the places, empty for none."""
    return int(os.environ.get("VIGIE_CRASH_AT", "0")), os.environ.get("VIGIE_CRASH_TRACE", "")


def point(name: str) -> None:
    """Mark a place by its name, and end the process there when a test asked for it."""
    stop_at, trace = _asked()
    if not (stop_at or trace):
        return
    global _passed  # noqa: PLW0603  # one process counts its own places
    _passed += 1
    if trace:
        with Path(trace).open("a", encoding="utf-8") as places:
            places.write(f"{name}\n")
    if _passed == stop_at:
        os.kill(os.getpid(), signal.SIGKILL)
