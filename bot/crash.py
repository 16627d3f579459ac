"""Named places where a test may stop the process dead, to prove that nothing is lost or repeated there.

`VIGIE_CRASH_AT=k` kills this process at the k-th place that it passes, or at the first one of that name;
`VIGIE_CRASH_TRACE=FILE` lists the places passed. Without them a place costs one look-up.
"""

from __future__ import annotations

import functools
import os
import signal
from pathlib import Path

_passed = 0


@functools.cache
def _asked() -> tuple[str, str]:
    """Return the number or the name of the place to stop at, and the file that lists the places, empty for none."""
    stop_at = os.environ.get("VIGIE_CRASH_AT", "0")
    return "" if stop_at == "0" else stop_at, os.environ.get("VIGIE_CRASH_TRACE", "")


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
    if stop_at in {str(_passed), name}:
        os.kill(os.getpid(), signal.SIGKILL)
