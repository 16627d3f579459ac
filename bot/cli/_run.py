"""`vigie run`: the bot."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot import clock
from bot.cli._terminal import Status, command, say, terminal_texts

if TYPE_CHECKING:
    from bot.config import Secret, Settings

log = logging.getLogger(__name__)

CONFIG_HELP = "The configuration file; else VIGIE_CONFIG, else ./config.toml."


@command
def run(
    config: Annotated[Path | None, typer.Option("--config", help=CONFIG_HELP, metavar="PATH")] = None,
    *,
    or_demo: Annotated[
        bool, typer.Option("--or-demo", help="Show the demo where there is no configuration or no token yet.")
    ] = False,
) -> Status:
    """Run the bot: read the sources on schedule, announce what matches, answer commands."""
    from bot.app import source_defaults  # noqa: PLC0415  # help needs none of it
    from bot.cli._demo import show_demo  # noqa: PLC0415
    from bot.config import find_path, load, token  # noqa: PLC0415

    path = find_path(config, os.environ)
    if or_demo and config is None and not path.exists():
        return show_demo()
    settings = load(path, source_defaults())
    secret = token(settings, os.environ)
    if secret is None:
        if or_demo:
            return show_demo()
        say(terminal_texts()("cli-run-no-token"))
        return Status.USED_WRONGLY
    set_up_log()
    return asyncio.run(_serve(settings, secret))


def set_up_log() -> None:
    """Write what happens to standard error; libraries only what is wrong, since their details hold message texts."""
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    for ours in ("bot", "cogs"):
        logging.getLogger(ours).setLevel(logging.INFO)


async def _serve(settings: Settings, secret: Secret) -> Status:
    """Be the bot until a signal says stop; then end what is under way, the client last since deliveries need it."""
    from bot.app import App  # noqa: PLC0415  # only this command needs it
    from bot.client import run_client  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with App.open(settings, clock.system()) as app:
        working = asyncio.create_task(app.run(), name="app")
        speaking = asyncio.create_task(run_client(app, secret), name="client")
        stopping = asyncio.create_task(stop.wait(), name="stop")
        try:
            await asyncio.wait((working, speaking, stopping), return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in (stopping, working, speaking):
                task.cancel()
                await asyncio.wait([task])
        for task in (working, speaking):
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
    return Status.DONE
