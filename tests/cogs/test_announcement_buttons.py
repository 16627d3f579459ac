"""The buttons under an announcement wherever it stands: under an answer, in a thread, after a restart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from bot.loopback import Message, Platform
from bot.loopback.channels import FORUM, PUBLIC_THREAD
from bot.models import AnnouncementKind, InDigest, ItemKind, Notice, NoticeKind, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.archive import notices
from bot.storage.outbox import announcements
from bot.storage.watching import hits
from tests.cogs.house import House, Room, hit, settings_of, shown, values_of

TAKE, LOG_FACT, MUTE = "Je prends", "Noter comme fait", "Mettre en sourdine"


async def reminded(house: House, room: Room, items: Sequence[WatchItem]) -> Message:
    """Announce a tender, and then that its deadline is near; return the message that says so."""
    deadline = (house.clock.now() + timedelta(days=3)).replace(microsecond=0)
    tender = Notice(
        id="26-1", source="boamp", kind=NoticeKind.TENDER, title="Caméras-piétons", text="", procedure="p",
        deadline=deadline,
    )  # fmt: skip
    await house.announce(room, items, notice=tender)
    first = house.announced
    key = AnnouncementKey(
        guild_id=room.guild.id, channel_id=room.desk.id, kind=AnnouncementKind.DEADLINE, subject=f"1:{deadline.date()}"
    )
    async with house.app.database.tx("test") as connection:
        owed = await announcements.owe(
            connection,
            key,
            now=house.clock.now(),
            follows=first,
            details={"deadline": deadline.isoformat(), "ended_by": None, "moved_to": None},
        )
        assert owed is not None
        code = (await announcements.get(connection, room.guild.id, owed)).code
    house.app.delivery.wake()
    message = await room.desk.wait_for(lambda one: code in str(one.embeds))
    await house.noted(owed)
    return message


async def test_under_a_reminder_in_a_thread_each_works_after_a_restart_before_anything_is_sent(
    platform: Platform, tmp_path: Path
) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        items = [await house.follow(room, kind=ItemKind.KEYWORD, name=name) for name in ("axon", "drone")]
        message = await reminded(house, room, items)
        thread = room.guild.add_channel("fil", kind=PUBLIC_THREAD, parent=room.desk)
        message = replace(message, channel_id=thread.id)
    async with House(platform, settings_of(tmp_path)).running(delivers=False):
        form = await room.reporter.click(message, label=LOG_FACT)
        assert "Caméras-piétons" in values_of(form)["claim"]
        assert values_of(form)["items"] == "1; 2"
    for label, which in ((TAKE, "take-which"), (MUTE, "mute-which")):
        async with House(platform, settings_of(tmp_path)).running(delivers=False):
            asked = await room.reporter.click(message, label=label)
            select = asked.components[0]["components"][0]
            assert select["custom_id"].startswith(which)
            assert [option["label"] for option in select["options"]][-2:] == ["axon", "drone"]
            answer = await room.reporter.select(asked, select["custom_id"], ["drone"])
            assert "drone" in answer.text, label


async def test_under_a_post_of_a_forum_they_work_and_the_post_shows_it(house: House, room: Room) -> None:
    forum = room.guild.add_channel("enquêtes", kind=FORUM)
    await room.administrator.slash("setup", room.operations, announcements=forum)
    item = await house.follow(room, kind=ItemKind.KEYWORD, name="axon")
    async with house.app.database.tx("test") as connection:
        tender = Notice(id="26-1", source="boamp", title="Caméras-piétons", text="Axon")
        row = await notices.add(connection, tender, "hash", 1, now=house.clock.now(), is_baseline=False)
        key = AnnouncementKey(
            guild_id=room.guild.id, channel_id=forum.id, kind=AnnouncementKind.NOTICE, subject="boamp:26-1"
        )
        owed = await announcements.owe(connection, key, now=house.clock.now(), thing_id=row)
        assert owed is not None
        found = await hits.add(
            connection, room.guild.id, hit(tender, item), notice_row=row, revision=1, held=None, in_digest=InDigest.DUE,
            now=house.clock.now(),
        )  # fmt: skip
        await announcements.link(connection, room.guild.id, owed, found)
    house.app.delivery.wake()
    await house.noted(owed)
    [post] = forum.threads
    [message] = post.messages
    reply = await room.reporter.click(message, label=TAKE)
    assert "C\u2019est à vous" in reply.text
    await shown(post, f"Pris par** <@{room.reporter.id}>")
    asked = await room.reporter.click(message, label=MUTE)
    assert "axon" in asked.text
