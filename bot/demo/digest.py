"""The part of the demonstration that is the digest: once scheduled, it tells at the end what happened since."""

from __future__ import annotations

from datetime import time
from typing import Final

from bot.app import App
from bot.demo.log import EDITOR, GUILD, REPORTER, TheLog
from bot.demo.stage import ANNOUNCEMENTS, Stage
from bot.digest import schedule
from bot.models import Digest, Every

AT: Final = time(8, 30)


class TheDigest:
    """Tell how a digest gathers what was announced since it was scheduled, and what was held for it."""

    def __init__(self, stage: Stage, app: App, log: TheLog) -> None:
        self._stage = stage
        self._app = app
        self._log = log
        self._digest: Digest | None = None

    async def schedule(self) -> None:
        """Schedule it each morning in the announcements' channel, as `/digest schedule` does."""
        database, channel = self._app.database, ANNOUNCEMENTS.channel_id
        self._digest = await schedule(database, EDITOR, channel, Every.DAILY, AT, None, 0, self._app.clock.now())

    async def play(self) -> None:
        """Leave a tip to nobody, and post the digest as `/digest now` does; raises LookupError before `schedule`."""
        if self._digest is None:
            raise LookupError("the digest is not scheduled")
        await self._log.tip(self._stage.texts("demo-digest-tip"))
        made = await self._app.digester.make_now(GUILD, self._digest.id, EDITOR.user_id, REPORTER.user_id)
        self._stage.note(self._stage.texts.plural("demo-digest-made", made.messages))
        await self._app.delivery.settle()
