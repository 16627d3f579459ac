"""`/tip embargo` and `/fact embargo`: what is read back, what has to be confirmed, and what the channel shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from bot.loopback.replies import text_of
from tests.cogs.house import House, Room, shown

SECRET, WORD = "Axon possède un yacht", "yacht"
FAR = "2031-05-12 18:00"
BOTH = pytest.mark.parametrize("kind", ["tip", "fact"])


@pytest.fixture
async def log(house: House, room: Room) -> Channel:
    return await house.log_of(room)


def words(kind: str, **more: Any) -> dict[str, Any]:
    """Return the options that log a thing."""
    return {"text": SECRET, **more} if kind == "tip" else {"claim": SECRET, "source": "le registre", **more}


async def add(room: Room, kind: str, **more: Any) -> Reply:
    return await room.reporter.slash(f"{kind} add", room.desk, **words(kind, **more))


async def put(room: Room, kind: str, until: str | None, by: Member | None = None) -> Reply:
    options: Mapping[str, Any] = {kind: "1", "until": until}
    return await (by or room.reporter).slash(f"{kind} embargo", room.desk, **options)


async def changes(house: House, room: Room, kind: str) -> int:
    things = await (house.tips(room) if kind == "tip" else house.facts(room))
    return things[0].changes


async def told(channel: Channel) -> str:
    return "\n".join(str(message.embeds) for message in channel.messages)


@BOTH
async def test_a_date_of_the_calendar_is_taken_at_once_and_read_back(room: Room, log: Channel, kind: str) -> None:
    await add(room, kind)
    await shown(log, WORD)
    reply = await put(room, kind, FAR)
    assert "lundi 12 mai 2031 à 18:00" in reply.text
    assert "l\u2019y ont lu" in reply.text
    await shown(log, "n\u2019est plus montré")
    assert WORD not in await told(log)


@BOTH
async def test_words_are_read_back_in_full_and_confirmed_by_a_button(
    house: House, room: Room, log: Channel, kind: str
) -> None:
    await add(room, kind)
    await shown(log, WORD)
    asked = await put(room, kind, "12 mai 2031 18h")
    assert "lundi 12 mai 2031 à 18:00" in asked.text
    assert await changes(house, room, kind) == 1
    done = await room.reporter.click(asked, label="Mettre sous embargo")
    assert "Sous embargo jusqu\u2019au" in done.text
    await shown(log, "n\u2019est plus montré")
    assert await changes(house, room, kind) == 2


@BOTH
async def test_a_button_that_is_too_late_changes_nothing(house: House, room: Room, kind: str) -> None:
    await add(room, kind)
    first, second = await put(room, kind, "12 mai 2031 18h"), await put(room, kind, "13 mai 2031 18h")
    await room.reporter.click(first, label="Mettre sous embargo")
    late = await room.reporter.click(second, label="Mettre sous embargo")
    assert ("Rien n\u2019a changé" in late.text, "12 mai" in late.text) == (True, True)
    assert await changes(house, room, kind) == 2


@BOTH
async def test_without_a_date_it_is_lifted_once_that_is_confirmed(
    house: House, room: Room, log: Channel, kind: str
) -> None:
    await add(room, kind, embargo=FAR)
    asked = await put(room, kind, None)
    assert "publié aussitôt" in asked.text
    assert WORD not in await told(log)
    done = await room.reporter.click(asked, label="Lever l\u2019embargo")
    assert "est levé" in done.text
    await shown(log, WORD)
    assert await changes(house, room, kind) == 3


@BOTH
async def test_a_button_does_nothing_for_who_may_no_longer_know_of_it(house: House, room: Room, kind: str) -> None:
    await add(room, kind, embargo=FAR)
    asked = await put(room, kind, None, by=room.editor)
    room.editor.roles[:] = [room.reporter_role]
    reply = await room.editor.click(asked, label="Lever l\u2019embargo")
    assert "ne répond" in reply.text
    assert await changes(house, room, kind) == 2


@BOTH
async def test_another_reporter_may_not_hide_what_is_not_theirs(house: House, room: Room, kind: str) -> None:
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    await add(room, kind)
    reply = await put(room, kind, FAR, by=other)
    assert "quelqu\u2019un d\u2019autre" in reply.text
    assert await changes(house, room, kind) == 1


@BOTH
@pytest.mark.parametrize("until", ["hier", "2020-01-01", "aujourd\u2019hui"])
async def test_what_is_past_is_refused_with_what_to_type(house: House, room: Room, kind: str, until: str) -> None:
    await add(room, kind)
    assert "c\u2019est passé" in (await put(room, kind, until)).text
    refused = await add(room, kind, embargo=until)
    assert "c\u2019est passé" in refused.text
    things = await (house.tips(room) if kind == "tip" else house.facts(room))
    assert [thing.changes for thing in things] == [1]


@BOTH
@pytest.mark.parametrize("until", ["n\u2019importe quoi", "mars", "le 45 mai"])
async def test_what_is_no_day_is_refused_with_days_to_come(house: House, room: Room, kind: str, until: str) -> None:
    refused = await add(room, kind, embargo=until)
    assert ("demain 18h" in refused.text, "mardi dernier" in refused.text) == (True, False)
    assert await (house.tips(room) if kind == "tip" else house.facts(room)) == []


async def test_a_retracted_fact_is_refused_before_anything_is_asked(room: Room) -> None:
    await add(room, "fact")
    await room.editor.slash("fact retract", room.desk, fact="1", reason="faux")
    reply = await put(room, "fact", "12 mai 2031 18h", by=room.editor)
    assert (reply.buttons, "est retiré" in reply.text) == ([], True)


@BOTH
async def test_without_an_embargo_there_is_none_to_lift(room: Room, kind: str) -> None:
    await add(room, kind)
    assert "n\u2019est sous aucun embargo" in (await put(room, kind, None)).text


@BOTH
async def test_logged_under_embargo_it_is_posted_nowhere_and_that_is_said(room: Room, log: Channel, kind: str) -> None:
    reply = await add(room, kind, embargo="12 mai 2031 à 18h")
    assert "lundi 12 mai 2031 à 18:00" in reply.text
    assert SECRET in reply.text
    await add(room, kind)
    await shown(log, WORD)
    assert len(log.messages) == 1


@BOTH
async def test_a_form_keeps_the_embargo_that_it_was_opened_with(house: House, room: Room, kind: str) -> None:
    form = await room.reporter.slash(f"{kind} add", room.desk, embargo=FAR)
    values = {"text": SECRET} if kind == "tip" else {"claim": SECRET, "source": "le registre"}
    reply = await room.reporter.submit(form, values)
    assert "12 mai 2031" in reply.text
    things = await (house.tips(room) if kind == "tip" else house.facts(room))
    assert [thing.is_hidden for thing in things] == [True]


@BOTH
async def test_who_sees_it_reads_until_when(room: Room, kind: str) -> None:
    await add(room, kind, embargo=FAR)
    options: Mapping[str, Any] = {kind: "1"}
    for look in (f"{kind} show", f"{kind} list"):
        reply = await room.reporter.slash(look, room.desk, **(options if look.endswith("show") else {}))
        assert "12 mai 2031 à 18:00" in reply.text


@BOTH
@pytest.mark.parametrize("command", ["why", "show"])
async def test_the_code_of_its_card_opens_nothing_to_others(house: House, room: Room, kind: str, command: str) -> None:
    log = await house.log_of(room)
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    await add(room, kind)
    code = str((await shown(log, WORD)).embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]
    await put(room, kind, FAR)
    options: Mapping[str, Any] = {"notice" if command == "why" else kind: code}
    path = command if command == "why" else f"{kind} show"
    told = (await room.reporter.slash(path, room.desk, **options)).text
    assert (code if command == "why" else WORD) in told
    unknown = await other.slash(path, room.desk, **{**options, next(iter(options)): "ZZZZ-9999"})
    assert (await other.slash(path, room.desk, **options)).text == unknown.text.replace("ZZZZ-9999", code)


@BOTH
async def test_the_link_of_its_card_explains_nothing_to_others(room: Room, log: Channel, kind: str) -> None:
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    await add(room, kind)
    card = await shown(log, WORD)
    await put(room, kind, FAR)
    links = [f"https://discord.com/channels/{room.guild.id}/{log.id}/{message}" for message in (card.id, card.id + 1)]
    told = [(await other.slash("why", room.desk, notice=link)).text for link in links]
    assert told[0] == told[1]
    assert told[0] not in (await room.reporter.slash("why", room.desk, notice=links[0])).text


async def test_the_author_of_a_verified_fact_is_told_that_editors_decide(house: House, room: Room) -> None:
    await room.administrator.slash("setup", room.desk)
    await add(room, "fact")
    await room.editor.slash("fact verify", room.desk, fact="1", reason="vu sur pièce")
    reply = await put(room, "fact", FAR)
    assert "y mettre un embargo" in reply.text
    assert not (await house.facts(room))[0].is_hidden


async def test_a_fact_made_of_a_tip_under_embargo_is_under_it_too(room: Room, log: Channel) -> None:
    await add(room, "tip", embargo=FAR)
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    reply = await room.reporter.submit(form, {"claim": "Axon a un bateau", "source": "le registre"})
    assert "Sous embargo jusqu\u2019au" in reply.text
    await add(room, "fact")
    await shown(log, WORD)
    assert "bateau" not in await told(log)


async def test_the_card_of_an_open_tip_does_not_name_the_hidden_fact_that_it_became(house: House, room: Room) -> None:
    log = await house.log_of(room)
    other = room.guild.add_member("Zoé", roles=[room.reporter_role])
    await add(room, "tip")
    form = await room.reporter.slash("tip promote", room.desk, tip="1")
    await room.reporter.submit(form, {"claim": "Axon a un bateau", "source": "le registre"})
    await shown(log, "Fait noté")
    await put(room, "fact", FAR)
    await log.wait_for(lambda message: "Fait noté" not in str(message.embeds) and "confirmé" in str(message.embeds))
    told = [(await by.slash("tip show", room.desk, tip="1")).text.casefold() for by in (other, room.reporter)]
    assert ["fait noté" in text for text in told] == [False, True]


async def test_the_chore_publishes_what_is_over(house: House, room: Room, log: Channel) -> None:
    await add(room, "fact", embargo="demain")
    house.at(house.clock.now() + timedelta(days=2))
    chores = {chore.name: chore for chore in house.app._chores}
    assert chores["embargoes"].every == timedelta(minutes=1)
    await house.app._release()
    await shown(log, WORD)


@BOTH
async def test_a_channel_that_refuses_vigie_is_named_with_the_message_that_stays(
    house: House, room: Room, log: Channel, kind: str
) -> None:
    await add(room, kind)
    code = text_of(await shown(log, WORD)).split()[-1]
    log.deny_bot("view_channel")
    await room.reporter.slash("tip add", room.desk, text="Autre chose")
    await shown(room.operations, "Vigie ne peut plus écrire")
    reply = await put(room, kind, FAR)
    assert f"Le message {code} dans <#{log.id}> le montre encore" in reply.text
    assert house.app is not None
