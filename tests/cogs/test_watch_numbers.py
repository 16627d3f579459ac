"""A wrong legal number in `/watch add` and `/watch edit`: asked about, stored once, as typed or put right."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.loopback import Member, Platform, Reply
from bot.models import ItemKind, Notice, Priority
from tests.cogs.house import House, Room, settings_of

WRONG, RIGHT = "siren:998100474", "siren:998 100 473"
KEEP, CORRECT = "Garder tel quel", "Corriger : 998 100 473"
PRESS = 3


async def asked(room: Room, identifiers: str = WRONG, **options: Any) -> Reply:
    return await room.reporter.slash(
        "watch add", room.desk, kind="company", name="Axovial", identifiers=identifiers, **options
    )


def labels(reply: Reply) -> list[str]:
    return [
        one["label"].replace("\u00a0", " ").replace("\u202f", " ")
        for row in reply.components
        for one in row["components"]
    ]


async def press(member: Member, reply: Reply, label: str) -> Reply:
    """Press a button under a reply, one that the client shows to somebody else or no longer shows too."""
    assert reply.message is not None
    row = next(place for place, shown in enumerate(labels(reply)) if shown == label)
    return await sent(member, reply, [one for line in reply.components for one in line["components"]][row]["custom_id"])


async def sent(member: Member, reply: Reply, custom_id: str) -> Reply:
    assert reply.message is not None
    channel = member.platform.channels[reply.message.channel_id]
    data = {"component_type": 2, "custom_id": custom_id, "id": 1}
    return await member._act(PRESS, channel, data, member.locale, 10.0, source=reply.message)


async def test_a_wrong_check_digit_is_said_before_anything_is_stored(house: House, room: Room) -> None:
    reply = await asked(room)
    assert reply.ephemeral
    assert "Rien n" in reply.text
    assert "**998 100 474**" in reply.text
    assert "**3** était attendu" in reply.text
    assert "**998 100 473**" in reply.text
    assert labels(reply) == [CORRECT, KEEP]
    assert await house.items(room) == []


async def test_the_person_who_insists_keeps_the_number_and_is_told_how_the_item_was_read(
    house: House, room: Room
) -> None:
    channel = room.guild.add_channel("vidéo")
    await house.dossier(room, "Caméras")
    await house.publish(Notice(id="26-1", source="boamp", title="Axovial s'installe"))
    question = await asked(
        room, f"{WRONG}; inconnu-1", channel=channel, dossier="Caméras", priority="digest", note="vu", any_of='"a; b"'
    )
    reply = await press(room.reporter, question, KEEP)
    assert "clé de contrôle fausse (3 était attendu)" in reply.text
    assert labels(reply) == []
    [item] = await house.items(room)
    assert item.identifiers == (WRONG, "inconnu-1")
    assert (item.channel_id, item.priority, item.note, item.any_of) == (
        channel.id,
        Priority.DIGEST,
        "vu",
        ('"a; b"',),
    )
    assert "Caméras" in reply.text


async def test_the_number_is_put_right_where_one_correction_is_certain(house: House, room: Room) -> None:
    reply = await press(room.reporter, await asked(room, f"inconnu-1 ; {WRONG}"), CORRECT)
    [item] = await house.items(room)
    assert item.identifiers == ("inconnu-1", RIGHT)
    assert "998 100 473" in reply.text
    assert "aussi dans ses SIRET" in reply.text


@pytest.mark.parametrize(
    ("identifiers", "shown"),
    [
        ("siret:99810047400012", [KEEP]),
        ("siren:99810047", [KEEP]),
        (f"{WRONG}; siren:1", [KEEP]),
        (f"{WRONG}; BE0403227514", ["Corriger ces numéros", KEEP]),
    ],
)
async def test_a_correction_is_offered_only_where_it_is_certain(
    house: House, room: Room, identifiers: str, shown: list[str]
) -> None:
    assert labels(await asked(room, identifiers)) == shown
    assert await house.items(room) == []


async def test_a_right_number_and_an_unknown_one_are_stored_at_once_and_explained(house: House, room: Room) -> None:
    reply = await asked(room, "998100473; BE 0403.227.515; 00743110157; HRB 12345")
    assert len(await house.items(room)) == 1
    assert "SIREN" in reply.text
    assert "**998 100 473**, trouvé aussi dans ses SIRET et dans son numéro de TVA" in reply.text
    assert "**BE 0403.227.515**, quelle que soit la façon de l" in reply.text
    assert "aucun type connu" in reply.text
    assert "tribunaux allemands" in reply.text


async def test_pressing_twice_stores_once(house: House, room: Room) -> None:
    question = await asked(room)
    custom_ids = [one["custom_id"] for row in question.components for one in row["components"]]
    replies = await asyncio.gather(*(sent(room.reporter, question, one) for one in [*custom_ids, *custom_ids]))
    assert len(await house.items(room)) == 1
    refused = [reply for reply in replies if any("deux fois" in one.content for one in reply.followups)]
    refused += [reply for reply in replies if "deux fois" in reply.text and reply not in refused]
    assert len(refused) == 3


async def test_the_buttons_work_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    async with House(platform, settings_of(tmp_path)).running() as house:
        room = await house.newsroom(house.guild())
        question = await asked(room)
    async with House(platform, settings_of(tmp_path)).running() as house:
        await press(room.reporter, question, CORRECT)
        [item] = await house.items(room)
    assert item.identifiers == (RIGHT,)


async def test_the_question_expires_after_a_day(house: House, room: Room) -> None:
    question = await asked(room)
    house.clock.offset += timedelta(hours=25)
    reply = await press(room.reporter, question, KEEP)
    assert "expiré" in reply.text
    assert await house.items(room) == []


@pytest.mark.parametrize("presser", ["editor", "stranger"])
async def test_nobody_else_answers_the_question(house: House, room: Room, presser: str) -> None:
    question = await asked(room)
    await press(getattr(room, presser), question, KEEP)
    assert await house.items(room) == []


async def test_a_person_who_lost_the_role_stores_nothing(house: House, room: Room) -> None:
    question = await asked(room)
    room.reporter.roles.remove(room.reporter_role)
    await press(room.reporter, question, KEEP)
    assert await house.items(room) == []


async def test_a_name_that_is_taken_is_refused_before_the_question(house: House, room: Room) -> None:
    await house.follow(room, kind=ItemKind.COMPANY, name="Axovial")
    reply = await asked(room)
    assert labels(reply) == []
    assert len(await house.items(room)) == 1


async def test_a_name_that_was_taken_meanwhile_is_refused_and_the_question_stays(house: House, room: Room) -> None:
    question = await asked(room)
    taken = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial")
    reply = await press(room.reporter, question, KEEP)
    assert [item.id for item in await house.items(room)] == [taken.id]
    assert any("Axovial" in one.content for one in reply.followups)
    assert labels(question) == [CORRECT, KEEP]


async def test_an_edit_asks_too_and_leaves_the_item_until_it_is_answered(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial", note="vu")
    question = await room.reporter.slash(
        "watch edit", room.desk, item=str(item.id), identifiers=WRONG, note="relu", priority="digest"
    )
    assert labels(question) == [CORRECT, KEEP]
    [standing] = await house.items(room)
    assert (standing.identifiers, standing.note) == ((), "vu")
    reply = await press(room.reporter, question, CORRECT)
    [edited] = await house.items(room)
    assert (edited.identifiers, edited.note, edited.priority) == ((RIGHT,), "relu", Priority.DIGEST)
    assert "vu" in reply.text


async def test_an_edit_does_not_ask_again_about_a_number_that_was_kept(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial", identifiers=(WRONG,))
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), identifiers=f"{WRONG}; inconnu-1")
    assert labels(reply) == []
    [edited] = await house.items(room)
    assert edited.identifiers == (WRONG, "inconnu-1")


async def test_an_edit_of_an_item_that_was_removed_meanwhile_is_refused(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial")
    question = await room.reporter.slash("watch edit", room.desk, item=str(item.id), identifiers=WRONG)
    await room.reporter.slash("watch remove", room.desk, item=str(item.id))
    await press(room.reporter, question, KEEP)
    assert await house.items(room) == []


async def test_the_question_is_put_in_the_persons_language(room: Room) -> None:
    reply = await asked(room, locale="en-US")
    assert "Nothing is stored yet" in reply.text
    assert "wrong check digit, **3** was expected, which would make **998 100 473**" in reply.text
    assert labels(reply) == ["Correct it: 998 100 473", "Keep it as typed"]


async def test_putting_right_leaves_a_number_that_was_kept_before(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial", identifiers=(WRONG,))
    question = await room.reporter.slash(
        "watch edit", room.desk, item=str(item.id), identifiers=f"{WRONG}; siren:552081318"
    )
    assert labels(question) == ["Corriger : 552 081 317", KEEP]
    await press(room.reporter, question, "Corriger : 552 081 317")
    [edited] = await house.items(room)
    assert edited.identifiers == (WRONG, "siren:552 081 317")


async def test_an_edit_to_a_name_that_is_taken_is_refused_before_the_question(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial")
    await house.follow(room, kind=ItemKind.COMPANY, name="Orvane")
    reply = await room.reporter.slash("watch edit", room.desk, item=str(item.id), identifiers=WRONG, name="Orvane")
    assert labels(reply) == []
    assert "Orvane" in reply.text


async def test_an_editor_who_no_longer_is_one_edits_nothing_of_another_person(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Axovial")
    question = await room.editor.slash("watch edit", room.desk, item=str(item.id), identifiers=WRONG)
    room.editor.roles[:] = [room.reporter_role]
    await press(room.editor, question, KEEP)
    [standing] = await house.items(room)
    assert standing.identifiers == ()


async def test_a_draft_of_another_kind_is_no_question_about_a_number(house: House, room: Room) -> None:
    question = await asked(room)
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE draft SET form = 'fact'")
    reply = await press(room.reporter, question, KEEP)
    assert "deux fois" in reply.text or any("deux fois" in one.content for one in reply.followups)
    assert await house.items(room) == []
