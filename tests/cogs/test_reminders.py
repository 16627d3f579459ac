"""Reminders as people get them: a private message, its buttons, and what is told when that message cannot be sent."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

from bot.access import Role
from bot.loopback import Member, Message
from bot.loopback.replies import text_of
from bot.models import Reminded, ReminderReason
from bot.storage import members
from bot.storage.log import reminders
from cogs.reminders import MOST
from tests.cogs.house import House, Room, shown

MORNING = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
TEXT = "Varnoquel aurait signé"


@pytest.fixture
async def room(house: House) -> Room:
    house.at(MORNING)
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


async def log_tips(room: Room, number: int = 1, by: Member | None = None, **options: object) -> None:
    for _ in range(number):
        await (by or room.reporter).slash("tip add", room.desk, text=TEXT, **options)


async def after(house: House, days: int) -> None:
    """Let days pass, and the bot remind whoever is to be reminded."""
    house.at(house.clock.now() + timedelta(days=days))
    await house.app.visits.save()
    await house.app.reminder.remind()


async def asked(house: House, member: Member, days: int = 90) -> Message:
    """Return the private message that asks somebody about their tips."""
    await after(house, days)
    return await shown(member.dm, "Rappel")


def read(text: str) -> str:
    """Return a text with ordinary spaces."""
    return text.replace("\u00a0", " ").replace("\u202f", " ")


async def until_closed(house: House, member: Member) -> None:
    """Wait until the bot has noted that somebody takes no private messages."""
    async with asyncio.timeout(10):
        while True:
            async with house.app.database.read() as connection:
                channel = await members.private_channel(connection, member.guild.id, member.id)
            if channel is not None and channel.closed_at is not None:
                return
            await asyncio.sleep(0.005)


async def told_under_a_command(member: Member, room: Room) -> str:
    reply = await member.slash("tip list", room.desk)
    await reply.wait_for(lambda reply: reply.followups)
    return read(text_of(reply.followups[0]))


async def until_told(house: House, number: int) -> None:
    """Wait until the bot has noted that so many reminders were told."""
    async with asyncio.timeout(10):
        while True:
            async with house.app.database.read() as connection:
                row = await connection.one("SELECT count(told_at) FROM reminder")
            if row is not None and row[0] == number:
                return
            await asyncio.sleep(0.005)


async def test_a_reminder_arrives_in_private_and_leads_to_the_server(house: House, room: Room) -> None:
    await log_tips(room)
    message = await asked(house, room.reporter, 14)
    assert "n° 1" in read(text_of(message))
    assert TEXT not in text_of(message)
    assert message.embeds[0]["url"] == f"https://discord.com/channels/{room.guild.id}"
    assert message.embeds[0]["footer"]["text"].startswith(f"{room.guild.name} · ")


async def test_a_tip_is_kept_by_the_button_of_its_private_message(house: House, room: Room) -> None:
    await log_tips(room)
    message = await asked(house, room.reporter)
    reply = await room.reporter.click(message, label="Garder")
    assert reply.ephemeral
    assert "Tuyau n° 1 : gardé" in read(reply.text)
    assert (await house.tips(room))[0].kept_at is not None
    await room.reporter.dm.wait_for(lambda message: "tout est réglé" in text_of(message))


async def test_of_several_tips_those_chosen_are_kept(house: House, room: Room) -> None:
    await log_tips(room, 3)
    which = await room.reporter.click(await asked(house, room.reporter), label="Garder")
    assert TEXT not in str(which.message.components if which.message else "")
    await room.reporter.select(which, f"keep-which:{room.guild.id}", ["1", "3"])
    assert [tip.kept_at is not None for tip in await house.tips(room)] == [True, False, True]


async def test_who_lost_the_role_keeps_and_erases_nothing(house: House, room: Room) -> None:
    await log_tips(room)
    message = await asked(house, room.reporter)
    room.reporter.roles.clear()
    for label in ("Garder", "Effacer"):
        assert "rôle" in (await room.reporter.click(message, label=label)).text
    assert (await house.tips(room))[0].kept_at is None


async def test_an_answer_that_comes_twice_changes_nothing_more(house: House, room: Room) -> None:
    await log_tips(room)
    message = await asked(house, room.reporter)
    components = message.components
    await room.reporter.click(message, label="Garder")
    await room.reporter.dm.wait_for(lambda message: "tout est réglé" in text_of(message))
    kept = (await house.tips(room))[0].changes
    message.components = components
    assert "plus rien à décider" in (await room.reporter.click(message, label="Garder")).text
    assert (await house.tips(room))[0].changes == kept


async def test_an_editor_erases_from_the_private_message_once_confirmed(house: House, room: Room) -> None:
    await log_tips(room, by=room.editor)
    asking = await room.editor.click(await asked(house, room.editor), label="Effacer")
    assert asking.message is not None
    (row,) = asking.message.components
    done = await room.editor.click(asking, custom_id=row["components"][0]["custom_id"])
    async with house.app.database.read() as connection:
        found = await connection.one("SELECT erased_by FROM tip WHERE id = 1")
    assert found is not None
    assert found["erased_by"] == room.editor.id, done.text


async def test_a_reporter_who_wants_a_tip_erased_has_the_editors_asked(house: House, room: Room) -> None:
    await room.editor.slash("help", room.desk)
    await log_tips(room)
    reply = await room.reporter.click(await asked(house, room.reporter), label="Effacer")
    assert "rédaction en chef" in reply.text
    await house.app.reminder.remind()
    assert "Effacement demandé" in text_of(await shown(room.editor.dm, "Rappel"))


async def test_another_newsrooms_reminder_is_not_reached(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("Ailleurs"))
    await log_tips(room)
    message = await asked(house, room.reporter)
    other.guild.join(room.reporter, roles=[other.reporter_role])
    code = text_of(message).split()[-1]
    for component in message.components[0]["components"]:
        component["custom_id"] = component["custom_id"].replace(str(room.guild.id), str(other.guild.id))
    reply = await room.reporter.click(message, custom_id=f"keep:{other.guild.id}:{code}")
    assert "plus connu" in reply.text
    assert (await house.tips(room))[0].kept_at is None


async def test_closed_messages_say_nothing_of_a_hidden_tip_but_to_its_owner(house: House, room: Room) -> None:
    await log_tips(room, sensitive=True)
    room.reporter.refuse_private()
    await after(house, 14)
    await house.platform.wait_for_request("POST", "/channels/{channel_id}/messages", answered=True)
    await until_closed(house, room.reporter)
    await house.app.reminder.remind()
    reply = await room.reporter.slash("tip list", room.desk)
    followup = await reply.wait_for(lambda reply: reply.followups)
    assert "n° 1" in read(text_of(reply.followups[0])), followup
    assert reply.followups[0].ephemeral
    assert room.operations.messages == []
    again = await room.reporter.slash("tip list", room.desk)
    assert again.followups == []


async def test_more_than_a_reply_holds_is_told_in_several(house: House, room: Room) -> None:
    guild_id, person = room.guild.id, str(room.reporter.id)
    many = range(9_000_001, 9_000_001 + MOST + 30)
    waiting = [
        Reminded(person=person, reason=ReminderReason.CORRECTED, number=2, made_at=MORNING, fact_id=one) for one in many
    ]
    async with house.app.database.tx("test.waiting") as connection:
        for one in many:
            await connection.run(
                "INSERT INTO fact (id, guild_id, logged_by, logged_at) VALUES (?, ?, 1, '')", one, guild_id
            )
        await reminders.note(connection, guild_id, waiting, None)
    first = await told_under_a_command(room.reporter, room)
    await until_told(house, MOST)
    second = await told_under_a_command(room.reporter, room)
    assert all(words in first for words in (f"{MOST + 30} rappels", str(many[0]), "Il en reste 30"))
    assert (str(many[0]) in second, str(many[-1]) in second) == (False, True)


async def test_an_editor_who_takes_no_messages_is_told_at_a_command_that_a_holder_left(
    house: House, room: Room
) -> None:
    await room.editor.slash("help", room.desk)
    await log_tips(room, sensitive=True)
    room.guild.remove_member(room.reporter)
    room.editor.refuse_private()
    await after(house, 1)
    await until_closed(house, room.editor)
    await house.app.reminder.remind()
    reply = await room.editor.slash("tip list", room.desk)
    await reply.wait_for(lambda reply: reply.followups)
    assert "Plus personne ne suit le tuyau n° 1" in read(text_of(reply.followups[0]))


async def test_who_uses_the_bot_is_known_by_their_role(house: House, room: Room) -> None:
    await room.reporter.slash("help", room.desk)
    await room.stranger.slash("help", room.desk)
    await house.app.visits.save()
    async with house.app.database.read() as connection:
        known = {one.person: one.role for one in await members.known(connection, room.guild.id)}
    assert known[room.reporter.id] is Role.REPORTER
    assert known[room.stranger.id] is Role.NOBODY
    assert known[room.administrator.id] is Role.NOBODY


async def test_a_member_is_noted_once_a_day(house: House, room: Room) -> None:
    await room.reporter.slash("help", room.desk)
    await house.app.visits.save()
    async with house.app.database.read() as connection:
        before = await members.find(connection, room.guild.id, room.reporter.id)
    await room.reporter.slash("help", room.desk)
    await house.app.visits.save()
    async with house.app.database.read() as connection:
        assert await members.find(connection, room.guild.id, room.reporter.id) == before
