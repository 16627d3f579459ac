"""The real bot at Discord's real rate limits: it is never refused, and what it owes comes once and in order."""

from __future__ import annotations

from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import pytest

from bot.loopback import Message, Platform
from bot.loopback.launcher import redirected
from bot.models import AnnouncementKind
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.outbox import announcements
from tests.cogs.house import House, settings_of

CHANNELS = 55
PATIENCE_S = 30.0
DETAILS = {"event": "card_refused", "channel": "1", "code": "A7K3-92QF", "reason": ""}


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[House]:
    async with Platform(real_buckets=True) as platform:
        with redirected(platform):
            async with House(platform, settings_of(tmp_path)).running() as running:
                yield running
        platform.check()


async def test_many_announcements_for_many_channels_meet_no_refusal(house: House) -> None:
    room = await house.newsroom(house.guild())
    channels = [room.guild.add_channel(f"du-{number}") for number in range(CHANNELS)]
    now = house.clock.now()
    async with house.app.database.tx("test") as connection:
        for number, channel in enumerate([*channels, channels[0], channels[0]]):
            await newsrooms.use_channel(connection, room.guild.id, channel.id, 1)
            key = AnnouncementKey(
                guild_id=room.guild.id,
                channel_id=channel.id,
                kind=AnnouncementKind.OPERATIONS,
                subject=f"card_refused:{number}",
            )
            await announcements.owe(connection, key, now=now, details=DETAILS)
    async with house.app.database.read() as connection:
        codes = [row["code"] for row in await connection.all("SELECT code FROM announcement ORDER BY id")]
    house.app.delivery.wake()
    for channel in channels:
        await channel.wait_for(lambda _: True, PATIENCE_S)
    await channels[0].wait_for(lambda message: codes[-1] in footer_of(message), PATIENCE_S)
    assert HTTPStatus.TOO_MANY_REQUESTS not in {request.status for request in house.platform.requests}
    shown = [footer_of(message) for message in channels[0].messages]
    assert [next(code for code in codes if code in text) for text in shown] == [codes[0], *codes[-2:]]


def footer_of(message: Message) -> str:
    return str(message.embeds[0]["footer"]["text"])
