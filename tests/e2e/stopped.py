"""The launcher of a bot that stops dead at one of the places it passes, told by the place's name."""

from __future__ import annotations

import os
import signal
from itertools import count
from typing import Final

from bot import crash
from bot.loopback import launcher

PLACE: Final = "VIGIE_TEST_STOP_PLACE"
TIMES: Final = "VIGIE_TEST_STOP_TIMES"
"""The variables that say where: the name of the place, and at which of its passes."""


def main(arguments: list[str]) -> None:
    """Run `vigie`, and kill it at the place that the environment names, where it names one."""
    place, times = os.environ.get(PLACE), int(os.environ.get(TIMES, "1"))
    point, passes = crash.point, count(1)

    def stop(name: str) -> None:
        point(name)
        if name == place and next(passes) == times:
            os.kill(os.getpid(), signal.SIGKILL)

    crash.point = stop
    launcher.main(arguments)
