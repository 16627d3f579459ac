"""The launcher of a bot that stops dead at each of some places, told by their names in a file."""

from __future__ import annotations

import os
import signal
from pathlib import Path
from typing import Final

from bot import crash
from bot.loopback import launcher

PLACES: Final = "VIGIE_TEST_STOP_PLACES"
"""The variable that names the file: a place on each line, struck out by the bot that dies there."""


def main(arguments: list[str]) -> None:
    """Run `vigie`, and kill it at the first place that stands in the file, which may change while it runs."""
    armed, point = Path(os.environ[PLACES]), crash.point

    def stop(name: str) -> None:
        point(name)
        left = armed.read_text(encoding="utf-8").splitlines()
        if name in left:
            left.remove(name)
            armed.write_text("".join(f"{other}\n" for other in left), encoding="utf-8")
            os.kill(os.getpid(), signal.SIGKILL)

    crash.point = stop
    launcher.main(arguments)
