"""Where the real bot announces what it finds, and what it does when a notice changes."""

from __future__ import annotations

import pytest

from bot.loopback import Channel, Message
from bot.loopback.publishers import boamp_records, ted_notices
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.ted import LoopbackTed
from tests.e2e.world import World, in_days, today, words_of

FOLDER = "4f0c2d9e-6f0a-4c1e-9d3b-5a1b2c3d4e5f"
DRONES = {"idweb": "26-10", "objet": "Acquisition de drones", "published": today()}


async def text_of_reply(desk: World, command: str, **options: object) -> str:
    return (await desk.reporter.slash(command, desk.announcements, **options)).text


async def settled(desk: World) -> None:
    await desk.until_polled()
    await desk.until_settled()


def titles(desk: World, channel: Channel) -> list[str]:
    """Return the titles of what the bot posted in a channel, oldest first."""
    return [message.embeds[0]["title"] for message in desk.posted(channel) if message.embeds]


def replace_record(desk: World, before: dict[str, object], after: dict[str, object]) -> None:
    desk.boamp.records[desk.boamp.records.index(before)] = after


@pytest.mark.timeout(120)
async def test_items_are_announced_where_their_desk_works_and_changes_answer_their_cards(desk: World) -> None:
    async with LoopbackTed([ted_notices.tender(number="1-2026", published=today(), title="Mobilier")]) as ted:
        desk.configure(
            extra=f'[sources.ted]\nenabled = true\nevery = "1s"\nbase_url = "{ted.url}"\npace = "0s"\n',
        )
        await desk.ready()
        police, lyon, own = (desk.guild.add_channel(name) for name in ("police", "lyon", "radars"))
        await is_routed(desk, police, lyon, own)
        await is_changed(desk, police, lyon)
        await is_one_procedure(desk, ted)


async def is_routed(desk: World, police: Channel, lyon: Channel, own: Channel) -> None:
    """Follow by dossiers, by a channel of one's own and by the newsroom's: each channel gets what is its own."""
    for name, channel in (("Police", police), ("Lyon", lyon)):
        assert channel.mention in await text_of_reply(desk, "dossier create", name=name, channel=channel)
    told = await text_of_reply(desk, "watch add", kind="keyword", name="drone", dossier="Police ; Lyon")
    assert all(channel.mention in told for channel in (police, lyon))
    told = await text_of_reply(desk, "watch add", kind="keyword", name="radar", dossier="Police", channel=own)
    assert (own.mention in told, police.mention in told) == (True, False)
    desk.boamp.records.append(boamp_records.fns_notice(**DRONES, deadline=in_days(12)))
    desk.boamp.records.append(
        boamp_records.fns_notice(idweb="26-11", objet="Radars et caméras-piétons", published=today())
    )
    assert [len(await desk.shown(1, channel)) for channel in (police, lyon, own, desk.announcements)] == [1, 1, 1, 1]
    assert [titles(desk, channel)[0].endswith("drones") for channel in (police, lyon)] == [True, True]
    assert titles(desk, own) == titles(desk, desk.announcements)
    told = (await desk.editor.slash("dossier close", desk.announcements, dossier="Lyon")).text
    assert lyon.mention in told
    desk.boamp.records.append(boamp_records.fns_notice(idweb="26-12", objet="Encore des drones", published=today()))
    await desk.shown(2, police)
    assert [len(desk.posted(channel)) for channel in (police, lyon, desk.announcements)] == [2, 1, 1]


async def is_changed(desk: World, police: Channel, lyon: Channel) -> None:
    """Change the notice of both dossiers in a trifle and in its deadline: an edit, then an edit with an answer."""
    first = boamp_records.fns_notice(**DRONES, deadline=in_days(12))
    typo = boamp_records.fns_notice(**{**DRONES, "objet": "Acquisition de drones légers"}, deadline=in_days(12))
    late = boamp_records.fns_notice(**{**DRONES, "objet": "Acquisition de drones légers"}, deadline=in_days(26))
    replace_record(desk, first, typo)
    for channel in (police, lyon):
        await channel.wait_for(lambda message: "légers" in words_of(message))
    assert [len(desk.posted(channel)) for channel in (police, lyon)] == [2, 1]
    replace_record(desk, typo, late)
    for channel, number in ((police, 3), (lyon, 2)):
        await desk.shown(number, channel)
    for channel, number in ((police, 3), (lyon, 2)):
        card, answer = desk.posted(channel)[0], desk.posted(channel)[-1]
        assert len(desk.posted(channel)) == number
        assert answers(answer) == card.id
        assert "Date limite" in words_of(answer)
        assert "(avant\u00a0:" in words_of(answer)
        assert "Acheteur" not in words_of(answer)
        until = words_of(answer).partition("Date limite\u00a0:** ")[2].partition(" (avant")[0]
        assert until
        assert until in words_of(card)


def answers(message: Message) -> int | None:
    """Return which message one answers."""
    return int(message.reference["message_id"]) if message.reference else None


async def is_one_procedure(desk: World, ted: LoopbackTed) -> None:
    """Publish a tender, its corrigendum and its award in both bulletins: one card and two messages under it."""
    before = len(desk.posted())
    title = "Acquisition de caméras-piétons européennes"
    french = boamp_records.eforms_notice(
        idweb="26-100", objet=title, published=today(), deadline=in_days(30), folder=FOLDER
    )
    european = ted_notices.tender(
        number="2-2026", published=today(), title=title, deadline=in_days(30), procedure=FOLDER
    )
    desk.boamp.records.append(french)
    ted.records.append(european)
    for links in ("detail/2-2026", "idweb:26-100"):
        await desk.announcements.wait_for(lambda message, links=links: links in words_of(message))
    late = {"published": today(), "deadline": in_days(40)}
    ted.records.append(ted_notices.corrigendum(of=european, number="3-2026", **late))
    desk.boamp.records.append(boamp_records.corrigendum(of=french, idweb="26-101", **late))
    for links in ("detail/3-2026", "idweb:26-101"):
        await desk.announcements.wait_for(lambda message, links=links: links in words_of(message))
    winner = Firm("Optrelis")
    desk.boamp.records.append(
        boamp_records.eforms_award(idweb="26-102", objet=title, published=today(), winners=[winner], folder=FOLDER)
    )
    ted.records.append(ted_notices.award(of=european, number="4-2026", published=today(), winners=[winner.name]))
    for links in ("detail/4-2026", "idweb:26-102"):
        await desk.announcements.wait_for(lambda message, links=links: links in words_of(message))
    await settled(desk)
    root, corrigendum, award = desk.posted()[before:]
    assert [answers(root), answers(corrigendum), answers(award)] == [None, root.id, root.id]
    assert "(avant\u00a0:" in words_of(corrigendum)
    assert [words_of(message).count("ted.europa.eu/fr/notice") for message in (root, corrigendum, award)] == [1, 1, 1]
    assert words_of(award).index("Optrelis") < words_of(award).index("Acheteur")
