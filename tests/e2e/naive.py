"""The launcher of a bot that delivers as most do: a new nonce for each try, and no look before sending again."""

from __future__ import annotations

import secrets
from typing import Any

from bot.cards import Card
from bot.delivery import Delivery
from bot.loopback import launcher
from bot.storage.outbox.announcements import Place
from cogs._sender import DiscordSender


def main(arguments: list[str]) -> None:
    """Run `vigie` with a naive delivery."""
    send = DiscordSender.send

    async def never_found(*_: Any) -> bool:
        return False

    async def send_anew(
        self: DiscordSender,
        place: Place,
        card: Card,
        nonce: str,  # noqa: ARG001  # the interface
        *,
        answers: int | None = None,
        thread: int | None = None,
    ) -> int:
        return await send(self, place, card, secrets.token_hex(12), answers=answers, thread=thread)

    Delivery._is_found = never_found  # type: ignore[method-assign]
    DiscordSender.send = send_anew  # type: ignore[method-assign]
    launcher.main(arguments)
