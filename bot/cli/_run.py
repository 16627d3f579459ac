"""`vigie run`: the bot."""

from __future__ import annotations

import asyncio
import logging
import os
import re
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from bot import clock
from bot.cli._settings import ConfigOption, chosen_path, settings_of
from bot.cli._terminal import Status, command, say, terminal_texts

if TYPE_CHECKING:
    from bot.config import Secret, Settings

log = logging.getLogger(__name__)

SWITCH_INTERVAL_S: Final = 0.002
LINE: Final = "%(asctime)s %(levelname)s %(name)s: %(message)s"
# The token of an interaction or a webhook stands in its address, and whoever has it can speak in its place.
_ADDRESS_TOKEN: Final = re.compile(r"((?:webhooks|interactions)/\d+/)[\w.%-]+")


@command
def run(
    config: ConfigOption = None,
    *,
    or_demo: Annotated[
        bool, typer.Option("--or-demo", help="Show the demo where there is no configuration or no token yet.")
    ] = False,
) -> Status:
    """Run the bot: read the sources on schedule, announce what matches, answer commands."""
    from bot.cli._demo import show_demo  # noqa: PLC0415  # help needs none of it
    from bot.config import DEFAULT_PATH, token  # noqa: PLC0415

    path: Path = chosen_path(config)
    if or_demo and path == DEFAULT_PATH and not path.exists():
        return show_demo()
    settings = settings_of(config)
    secret = token(settings, os.environ)
    if secret is None:
        if or_demo:
            return show_demo()
        say(terminal_texts()("cli-run-no-token"))
        return Status.USED_WRONGLY
    set_up_log(secret)
    # Registers are parsed beside the loop: it gets the interpreter back sooner than after Python's usual 5 ms.
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    return asyncio.run(_serve(settings, secret))


class DiscreetFormatter(logging.Formatter):
    """Format records, tracebacks included, without the bot's token and those that stand in addresses of Discord."""

    def __init__(self, secret: str) -> None:
        super().__init__(LINE)
        self._secret = secret

    def format(self, record: logging.LogRecord) -> str:
        """Return a record as a line, its tokens hidden."""
        return _ADDRESS_TOKEN.sub(r"\1(hidden)", super().format(record).replace(self._secret, "(hidden)"))


def set_up_log(secret: Secret) -> None:
    """Write what happens to standard error; libraries only what is wrong, since their details hold message texts."""
    handler = logging.StreamHandler()
    handler.setFormatter(DiscreetFormatter(secret))
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    for ours in ("bot", "cogs"):
        logging.getLogger(ours).setLevel(logging.INFO)


async def _serve(settings: Settings, secret: Secret) -> Status:
    """Be the bot until a signal says stop; then end what is under way, the client last since deliveries need it."""
    from bot.app import App, version  # noqa: PLC0415  # only this command needs it
    from bot.client import run_client  # noqa: PLC0415

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    async with App.open(settings, clock.system()) as app:
        log.info("Vigie %s, database %s, sources: %s", version(), app.database.path, ", ".join(app.feeds) or "none")
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
    log.info("stopped")
    return Status.DONE
