"""Leaving: an editor passes on what somebody held, who may be gone already."""

from __future__ import annotations

from datetime import timedelta

import pytest

from bot.loopback import Member
from bot.models import TipStatus
from tests.cogs.house import House, Room, shown

TEXT = "Varnoquel aurait signé"


@pytest.fixture
async def room(house: House) -> Room:
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def taker(room: Room) -> Member:
    return room.guild.add_member("Olga", roles=[room.reporter_role])


async def log(room: Room, by: Member | None = None, **options: object) -> None:
    await (by or room.reporter).slash("tip add", room.desk, text=TEXT, **options)


def read(text: str) -> str:
    return text.replace("\u00a0", " ").replace("\u202f", " ")


async def pass_on(room: Room, taker: Member, leaver: str | None = None, by: Member | None = None) -> str:
    named = leaver or str(room.reporter.id)
    reply = await (by or room.editor).slash("tip reassign", room.desk, **{"from": named, "to": taker})
    return read(reply.text)


async def test_all_open_tips_of_somebody_go_to_another_one(house: House, room: Room, taker: Member) -> None:
    await log(room)
    await log(room, sensitive=True)
    await log(room, by=room.editor)
    await room.editor.slash("tip assign", room.desk, tip="3", member=room.reporter)
    await log(room)
    await room.editor.slash("tip assign", room.desk, tip="4", member=room.editor)
    text = await pass_on(room, taker)
    assert f"3 tuyaux ouverts de <@{room.reporter.id}> passent à <@{taker.id}> : n° 1, 2 et 3." in text
    assert [tip.owner for tip in await house.tips(room)] == [taker.id, taker.id, taker.id, room.editor.id]


@pytest.mark.parametrize("status", [TipStatus.DROPPED, TipStatus.CONFIRMED])
async def test_a_closed_tip_stays(house: House, room: Room, taker: Member, status: TipStatus) -> None:
    await log(room)
    await room.reporter.slash("tip status", room.desk, tip="1", status=status)
    assert "ne tient aucun tuyau ouvert" in await pass_on(room, taker)
    assert (await house.tips(room))[0].owner is None


async def test_the_cards_say_who_holds_them_now(room: Room, taker: Member) -> None:
    await log(room)
    journal = next(channel for channel in room.guild.channels if channel.name == "journal")
    await pass_on(room, taker)
    await shown(journal, TEXT, f"<@{taker.id}>")


async def test_each_tip_has_its_entry_in_the_audit_log(house: House, room: Room, taker: Member) -> None:
    await log(room)
    await log(room)
    await pass_on(room, taker)
    async with house.app.database.read() as connection:
        rows = await connection.all("SELECT subject FROM audit WHERE action = 'tip reassign' ORDER BY number")
    assert [row["subject"] for row in rows] == ["tip:1", "tip:2"]


async def test_who_left_is_proposed_by_name_and_taken_by_id(house: House, room: Room, taker: Member) -> None:
    await log(room)
    await log(room, sensitive=True)
    room.guild.remove_member(room.reporter)
    (choice,) = await room.editor.autocomplete("tip reassign", option="from", typed="rené", channel=room.desk)
    assert read(choice.name) == "René La Rédaction · 2 tuyaux ouverts"
    await pass_on(room, taker, leaver=choice.value)
    assert {tip.owner for tip in await house.tips(room)} == {taker.id}


async def test_a_mention_of_who_left_is_understood(house: House, room: Room, taker: Member) -> None:
    await log(room)
    room.guild.remove_member(room.reporter)
    await pass_on(room, taker, leaver=f"<@{room.reporter.id}>")
    assert (await house.tips(room))[0].owner == taker.id


async def test_a_name_that_is_nobodys_is_refused(house: House, room: Room, taker: Member) -> None:
    await log(room)
    assert "ne désigne personne" in await pass_on(room, taker, leaver="quelqu'un")
    assert (await house.tips(room))[0].owner is None


async def test_who_takes_over_has_the_role(house: House, room: Room) -> None:
    await log(room)
    assert "pas de rôle" in await pass_on(room, room.stranger)
    assert (await house.tips(room))[0].owner is None


async def test_the_same_person_twice_is_refused(room: Room) -> None:
    await log(room)
    assert "même personne" in await pass_on(room, room.reporter)


async def test_only_editors_pass_on_and_are_proposed_names(house: House, room: Room, taker: Member) -> None:
    await log(room)
    assert "rédaction en chef" in await pass_on(room, taker, by=room.reporter)
    assert (await house.tips(room))[0].owner is None
    assert await room.reporter.autocomplete("tip reassign", option="from", typed="", channel=room.desk) == []


async def test_who_manages_the_server_without_the_role_neither_counts_nor_passes_on_what_is_hidden(
    house: House, room: Room, taker: Member
) -> None:
    await log(room, sensitive=True)
    admin = room.administrator
    assert await admin.autocomplete("tip reassign", option="from", typed="", channel=room.desk) == []
    assert "ne tient aucun tuyau ouvert" in await pass_on(room, taker, by=admin)
    assert (await house.tips(room))[0].owner is None


async def test_what_stays_in_the_name_of_who_left_is_counted(room: Room, taker: Member) -> None:
    await room.reporter.slash("watch add", room.desk, kind="keyword", name="Brumovar")
    await room.reporter.slash("fact add", room.desk, claim="Tolbrisane a signé", source="https://ostrevine.example/pv")
    text = await pass_on(room, taker)
    assert "1 fait à son nom" in text
    assert "1 élément surveillé reste à son nom" in text


async def test_an_administrator_without_a_role_passes_on_and_counts_only_what_they_see(
    house: House, room: Room, taker: Member
) -> None:
    await log(room)
    await log(room, sensitive=True)
    until = f"{house.clock.now() + timedelta(days=60):%Y-%m-%d}"
    await room.reporter.slash("fact add", room.desk, claim=TEXT, source="le registre", embargo=until)
    (choice,) = await room.administrator.autocomplete("tip reassign", option="from", typed="", channel=room.desk)
    assert "1 tuyau" in read(choice.name)
    text = await pass_on(room, taker, by=room.administrator)
    assert "n° 1." in text
    assert "fait" not in text
    assert [tip.owner for tip in await house.tips(room)] == [taker.id, None]
