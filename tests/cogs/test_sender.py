from __future__ import annotations

import pytest

from bot.cards import Card, CardKind
from bot.delivery import DeliveryError, UnreachableError
from bot.storage.outbox.announcements import Place
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


async def test_a_private_channel_where_nothing_stands_is_read_as_empty(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    channel_id = await sender.open_private(room.reporter.id)
    assert await sender.find(Place(room.guild.id, channel_id), "A7K3-92QF", 0) is None


async def test_what_stands_in_a_private_channel_is_found_by_its_code(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    place = Place(room.guild.id, await sender.open_private(room.reporter.id))
    sent = await sender.send(place, Card(kind=CardKind.REMINDER, title="x", footer="réf. A7K3-92QF"), "n" * 25)
    assert await sender.find(place, "A7K3-92QF", 0) == sent


async def test_closed_messages_are_a_channel_that_is_forbidden(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    place = Place(room.guild.id, await sender.open_private(room.reporter.id))
    room.reporter.refuse_private()
    with pytest.raises(UnreachableError, match="forbidden"):
        await sender.send(place, Card(kind=CardKind.REMINDER, title="x"), "n" * 25)


async def test_what_somebody_is_in_a_guild_is_asked_of_discord(house: House, room: Room) -> None:
    sender = DiscordSender(house.client)
    editor = await sender.membership(room.guild.id, room.editor.id)
    assert editor is not None
    assert (room.editor_role.id in editor.role_ids, editor.is_administrator) == (True, False)
    room.guild.remove_member(room.editor)
    assert await sender.membership(room.guild.id, room.editor.id) is None


async def test_a_guild_that_is_gone_says_nothing_of_its_members(house: House, room: Room) -> None:
    house.platform.uninstall(room.guild)
    with pytest.raises(UnreachableError):
        await DiscordSender(house.client).membership(room.guild.id, room.editor.id)
