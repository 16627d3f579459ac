from __future__ import annotations

import pytest

from bot.cards import Card, CardKind
from bot.delivery import DeliveryError
from bot.storage.announcements import Place
from cogs._sender import DiscordSender
from tests.cogs.house import House, Room


async def test_what_is_sent_while_the_client_leaves_is_in_doubt(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    await house.client.close()
    with pytest.raises(DeliveryError) as ended:
        await sender.send(Place(room.guild.id, room.desk.id), Card(kind=CardKind.OPERATIONS, title="x"), "n" * 25)
    assert type(ended.value) is DeliveryError


async def test_a_runtime_error_of_ours_is_not_taken_for_a_closed_session(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("ours")

    monkeypatch.setattr("discord.abc.Messageable.send", broken)
    with pytest.raises(RuntimeError, match="ours"):
        await DiscordSender(house.client).send(
            Place(room.guild.id, room.desk.id), Card(kind=CardKind.OPERATIONS, title="x"), "n" * 25
        )
