"""`vigie demo`: the whole pipeline with no Discord account and no network, shown in the terminal."""

from __future__ import annotations

import asyncio

from bot import clock
from bot.cli._terminal import Status, command, terminal_texts


@command
def demo() -> Status:
    """Show the whole pipeline at work on made-up notices: no Discord account, no network, nothing left behind."""
    return show_demo()


def show_demo() -> Status:
    """Play the demonstration on standard output, in the language of the terminal."""
    from rich.console import Console  # noqa: PLC0415  # help needs none of it

    from bot.demo import run_demo  # noqa: PLC0415

    asyncio.run(run_demo(terminal_texts(), clock.system(), Console()))
    return Status.DONE
