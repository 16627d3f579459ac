"""Tips and facts named in every way: by number, by words, by their card's code or link; and proposed while typed."""

from __future__ import annotations

from typing import Any

import pytest

from bot.loopback import Member, Message, Reply
from bot.loopback.channels import Channel
from tests.cogs.house import House, Room, shown

SOURCE = "https://mairie.example/agenda"


@pytest.fixture
async def room(house: House) -> Room:
    made = await house.newsroom(house.guild())
    await house.log_of(made)
    return made


@pytest.fixture
def log(room: Room) -> Channel:
    return next(channel for channel in room.guild.channels if channel.name == "journal")


async def add(room: Room, kind: str, text: str, by: Member | None = None, **options: Any) -> Reply:
    given: dict[str, Any] = {"text": text} if kind == "tip" else {"claim": text, "source": SOURCE}
    return await (by or room.reporter).slash(f"{kind} add", room.desk, **given, **options)


async def show(room: Room, kind: str, typed: str) -> str:
    named: dict[str, Any] = {kind: typed}
    return (await room.reporter.slash(f"{kind} show", room.desk, **named)).text


async def proposed(room: Room, command: str, typed: str, by: Member | None = None) -> list[str]:
    kind = command.split(maxsplit=1)[0]
    found = await (by or room.reporter).autocomplete(command, option=kind, typed=typed, channel=room.desk)
    return [str(choice.value) for choice in found]


def code_of(card: Message) -> str:
    return str(card.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]


KINDS = pytest.mark.parametrize("kind", ["tip", "fact"])


# --- named ---


@KINDS
@pytest.mark.parametrize(
    "typed", ["2", " 2 ", "rencontre", "RENCONTRÉ le maire", "maire renc", "axon a rencontré le maire"]
)
async def test_it_is_named_by_its_number_and_by_words_of_it(room: Room, kind: str, typed: str) -> None:
    await add(room, kind, "Un autre sujet")
    await add(room, kind, "Axon a rencontré le maire")
    assert "Axon a rencontré le maire" in await show(room, kind, typed)


@KINDS
async def test_it_is_named_by_the_code_of_its_card(room: Room, log: Channel, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    card = await shown(log, "Axon a rencontré")
    assert "Axon a rencontré" in await show(room, kind, code_of(card).lower())


@KINDS
async def test_it_is_named_by_the_link_of_its_card(house: House, room: Room, log: Channel, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    card = await shown(log, "Axon a rencontré")
    await house.noted(*(one.id for one in await house.cards(room)))
    link = f"https://discord.com/channels/{room.guild.id}/{log.id}/{card.id}"
    assert "Axon a rencontré" in await show(room, kind, link)


@KINDS
async def test_the_code_of_the_other_kind_names_nothing(room: Room, log: Channel, kind: str) -> None:
    await add(room, "fact" if kind == "tip" else "tip", "Axon a rencontré le maire")
    card = await shown(log, "Axon a rencontré")
    assert "Axon" not in await show(room, kind, code_of(card))


@KINDS
async def test_words_of_several_are_refused_with_what_they_may_mean(room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    await add(room, kind, "Axon a rencontré le préfet")
    text = await show(room, kind, "axon")
    assert "Axon a rencontré le maire" in text
    assert "Axon a rencontré le préfet" in text
    assert "· 1" in text


@KINDS
async def test_the_whole_text_of_one_is_no_doubt(room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    await add(room, kind, "Axon a rencontré le maire et son cabinet")
    assert "cabinet" not in await show(room, kind, "axon a rencontré le maire")


@KINDS
@pytest.mark.parametrize("typed", ["9", "préfet", "A7K3-92QF", "https://discord.com/channels/1/2/3"])
async def test_what_names_nothing_is_said_with_where_to_look(room: Room, kind: str, typed: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    text = await show(room, kind, typed)
    assert ("`/tuyau liste`" if kind == "tip" else "`/fait liste`") in text
    assert "Axon" not in text


@KINDS
@pytest.mark.parametrize("typed", ["?", "…", "\u200b"])
async def test_signs_alone_name_nothing_not_even_the_only_one(room: Room, kind: str, typed: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    assert "Axon" not in await show(room, kind, typed)


async def test_a_sign_alone_retracts_nothing(house: House, room: Room) -> None:
    await add(room, "fact", "Axon a rencontré le maire")
    await room.editor.slash("fact retract", room.desk, fact="?", reason="Homonyme")
    assert [fact.changes for fact in await house.facts(room)] == [1]


@KINDS
async def test_another_newsrooms_are_not_named_by_number_words_code_or_link(
    house: House, room: Room, log: Channel, kind: str
) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    card = await shown(log, "Axon a rencontré")
    await house.noted(*(one.id for one in await house.cards(room)))
    other = await house.newsroom(house.guild("L\u2019Autre"))
    link = f"https://discord.com/channels/{room.guild.id}/{log.id}/{card.id}"
    for typed in ("1", "axon", code_of(card), link):
        named: dict[str, Any] = {kind: typed}
        reply = await other.editor.slash(f"{kind} show", other.desk, **named)
        assert "Axon a rencontré" not in reply.text


# --- proposed ---


@KINDS
async def test_without_a_word_the_newest_are_proposed_first(room: Room, kind: str) -> None:
    for number in range(3):
        await add(room, kind, f"Constat {number}")
    assert await proposed(room, f"{kind} show", "") == ["3", "2", "1"]


@KINDS
async def test_words_that_begin_so_are_proposed(room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    await add(room, kind, "Un autre sujet")
    assert await proposed(room, f"{kind} show", "renc mai") == ["1"]


@KINDS
async def test_a_number_is_proposed_before_words_that_begin_so(room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    await add(room, kind, "Réunion de 1 heure")
    assert await proposed(room, f"{kind} show", "1") == ["1", "2"]


@KINDS
async def test_a_proposal_names_the_words_the_status_and_the_number(room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    [choice] = await room.reporter.autocomplete(f"{kind} show", option=kind, typed="axon", channel=room.desk)
    status = "nouveau" if kind == "tip" else "noté, non vérifié"
    assert choice.name == f"Axon a rencontré le maire · {status} · 1"


@KINDS
async def test_at_most_25_are_proposed(room: Room, kind: str) -> None:
    for number in range(13):
        await add(room, kind, f"Constat {number}")
        await add(room, kind, f"Constat {number}", by=room.editor)
    assert len(await proposed(room, f"{kind} show", "")) == 25
    assert len(await proposed(room, f"{kind} show", "26")) == 1


@KINDS
async def test_a_long_text_is_cut_in_a_proposal(room: Room, kind: str) -> None:
    await add(room, kind, "é" * 900)
    assert await proposed(room, f"{kind} show", "") == ["1"]


@pytest.mark.parametrize("command", ["tip note", "tip edit", "tip assign", "tip status", "tip promote"])
async def test_to_change_a_tip_a_reporter_is_proposed_their_own_and_those_given_to_them(
    room: Room, command: str
) -> None:
    for text in ("Le mien", "Confié", "Un autre"):
        await add(room, "tip", text, by=room.reporter if text == "Le mien" else room.editor)
    await room.editor.slash("tip assign", room.desk, tip="Confié", member=room.reporter)
    assert await proposed(room, command, "") == ["2", "1"]
    assert await proposed(room, command, "", by=room.editor) == ["3", "2", "1"]


async def test_to_correct_a_fact_a_reporter_is_proposed_their_own_that_nobody_verified(room: Room) -> None:
    for claim in ("Le mien", "Vérifié", "Un autre"):
        await add(room, "fact", claim, by=room.editor if claim == "Un autre" else room.reporter)
    await room.editor.slash("fact verify", room.desk, fact="2", reason="un seul acte")
    assert await proposed(room, "fact correct", "") == ["1"]
    assert await proposed(room, "fact correct", "", by=room.editor) == ["3", "2", "1"]


@pytest.mark.parametrize("command", ["fact verify", "fact retract"])
async def test_what_only_editors_do_proposes_nothing_to_a_reporter(room: Room, command: str) -> None:
    await add(room, "fact", "Constat")
    assert await proposed(room, command, "") == []
    assert await proposed(room, command, "", by=room.editor) == ["1"]


@KINDS
async def test_another_newsrooms_are_not_proposed(house: House, room: Room, kind: str) -> None:
    await add(room, kind, "Axon a rencontré le maire")
    other = await house.newsroom(house.guild("L\u2019Autre"))
    for typed in ("", "axon", "1"):
        assert await proposed(other, f"{kind} show", typed, by=other.editor) == []


@KINDS
async def test_ones_own_is_proposed_behind_many_of_others(room: Room, kind: str) -> None:
    await add(room, kind, "Constat à moi")
    for number in range(26):
        await add(room, kind, f"Constat {number}", by=room.editor)
    command = "tip edit" if kind == "tip" else "fact correct"
    for typed in ("", "constat"):
        assert await proposed(room, command, typed) == ["1"]
