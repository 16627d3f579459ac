"""What a newsroom lives through, told to the real bot at a loopback Discord, and what the bot sent each time.

A story is one function in `STORIES`: it is given a desk that runs, acts as a reporter would, and yields its pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.loopback.demo_notices import OFFICIAL, VALMARIN
from bot.loopback.publishers import PublisherFault, boamp_records, jorf
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.numbers import siren
from bot.storage.database import Database
from bot.storage.watching import watchlist
from tests.cards_shown.captured import Picture
from tests.cards_shown.desk import LOBBY, Desk, desk_in
from tests.e2e.nursery import Nursery
from tests.e2e.world import PATIENCE_S, in_days, today, words_of
from tests.noisy import bring

FORUM = 15
"""The type of a forum channel."""
CORVOY = Firm("Corvoy Technologies", siren("99820051"))
CONTRACT = "https://www.brest.example/deliberations/2026-114"
TOWNS = (
    *("Brive", "Cahors", "Castres", "Foix", "Gap", "Millau", "Nevers", "Rodez", "Tarbes", "Valence", "Vannes"),
    *("Dax", "Digne", "Dole", "Mende", "Pau", "Privas", "Tulle", "Vesoul", "Vichy", "Vienne", "Laval"),
)
"""More than a channel takes at once."""
LOG_CHARS = 3_000

Pictures = AsyncIterator[Picture]


async def tender_with_nothing_known(desk: Desk) -> Pictures:
    """A tender that says the keyword, then the notice that moves its deadline."""
    tender = await desk.news(desk.bulletin.tender)
    yield desk.shown("tender", tender)
    await desk.world.reporter.click(tender, label="Je prends")
    await desk.world.until_settled()
    yield desk.shown("taken", tender)
    change = await desk.news(desk.bulletin.corrigendum)
    yield desk.shown("change", change)
    cancelled = boamp_records.cancellation(of=desk.bulletin.tender, idweb="26-90990", published=today())
    yield desk.shown("cancellation", await desk.news(cancelled))


async def a_notice_is_changed(desk: Desk) -> Pictures:
    """A publisher changes the notice itself: its card is edited, and answered with what changed."""
    boats: dict[str, Any] = {
        "idweb": "26-90995",
        "objet": "Caméras-piétons pour la brigade fluviale",
        "published": today(),
    }
    city = Firm("Ville de Rouen")
    first = await desk.news(boamp_records.fns_notice(**boats, buyer=city, deadline=in_days(50), ceiling="180000"))
    desk.world.boamp.records.pop()
    moved = boamp_records.fns_notice(**boats, buyer=city, deadline=in_days(64), ceiling="260000")
    yield desk.shown("answer", first, await desk.news(moved))


async def one_of_many_hits(desk: Desk) -> Pictures:
    """A company found by its number, another one by its other name, an official, and one notice that says it all."""
    yield desk.shown("award-by-number", await desk.news(desk.bulletin.by_siren))
    yield desk.shown("award-by-alias", await desk.news(desk.bulletin.by_alias))
    yield desk.shown("official", await desk.news(desk.bulletin.official))
    several = boamp_records.eforms_award(
        idweb="26-90991",
        objet="Caméras-piétons des polices municipales de la métropole",
        published=today(),
        buyer=Firm("Brest Métropole"),
        winners=(VALMARIN, CORVOY),
        amount="4820000",
        description=f"Marché suivi par Mme {OFFICIAL}, directrice des achats. Caméras-piétons et stations.",
    )
    told = await desk.news(several)
    yield desk.shown("award-several", told)
    which = await desk.world.reporter.click(told, label="Mettre en sourdine")
    assert which.message is not None
    yield desk.shown("which-item", which.message)


async def what_is_known(desk: Desk) -> Pictures:
    """Facts, one of them disputed, and tips of a company, then its next notice."""
    await desk.says(
        "fact add",
        claim=f"{VALMARIN.name} a livré les caméras du centre de supervision de Brest avant la fin de l'appel d'offres",
        source=f"{CONTRACT} Délibération 2026-114",
        quote="Les matériels ont été réceptionnés le 3 mars.",
        date="3 mars 2026",
        item=VALMARIN.name,
    )
    await desk.says(
        "fact add",
        claim=f"Le directeur de {VALMARIN.name} siégeait à la commission d'appel d'offres",
        source="https://www.letelegramme.example/brest/commission Le Télégramme, 12 octobre",
        item=VALMARIN.name,
    )
    await desk.says("fact dispute", fact="2", reason="Le procès-verbal cite un homonyme")
    await desk.says(
        "tip add",
        text="Un ancien cadre dit que le prix était connu d'avance",
        origin="appel d'un ancien cadre",
        heard="mardi dernier",
        item=VALMARIN.name,
    )
    facts = desk.world.posted(desk.log)
    yield desk.shown("fact", facts[0])
    yield desk.shown("tip", facts[-1])
    known = boamp_records.eforms_award(
        idweb="26-90992",
        objet="Maintenance du système de vidéoprotection",
        published=today(),
        buyer=Firm("Ville de Quimper"),
        winners=(VALMARIN,),
        amount="312500.40",
    )
    yield desk.shown("known", await desk.news(known))


async def correcting_a_fact(desk: Desk) -> Pictures:
    """A fact is corrected: its card, and the answer to it."""
    card = desk.world.posted(desk.log)[0]
    await desk.says(
        "fact correct",
        fact="1",
        reason="Le document dit avril, non mars",
        claim=f"{VALMARIN.name} a livré les caméras du centre de supervision de Brest un mois avant l'attribution",
        date="3 avril 2026",
    )
    yield desk.shown("correction", card, desk.world.posted(desk.log)[-1])


async def hiding_a_tip(desk: Desk) -> Pictures:
    """A tip becomes sensitive, and its card says nothing any more."""
    form = await desk.says("tip edit", tip="1")
    await desk.world.reporter.submit(form, {"sensitive": "yes"})
    await desk.world.until_settled()
    tips = [one for one in desk.world.posted(desk.log) if "Tuyau" in one.embeds[0]["title"]]
    yield desk.shown("tip-hidden", tips[0])


async def lobby_register(desk: Desk) -> Pictures:
    """A firm gains a client, spends more, and is late."""
    client = await desk.told(lambda: desk.register.gain_client(LOBBY, VALMARIN.name, VALMARIN.number or ""))
    yield desk.shown("lobby-client", client)
    changed = await desk.told(lambda: desk.register.end_client(LOBBY, VALMARIN.number or "", today()))
    yield desk.shown("lobby-change", changed)


async def official_journal(desk: Desk) -> Pictures:
    """An official is appointed."""
    told = jorf.appointment(
        id="JORFTEXT000052000101",
        person="Maëlle KERVARREC",
        office="préfète, directrice de cabinet du ministre de l'intérieur",
        published=today(),
        civility="Mme",
    )
    yield desk.shown("appointment", await desk.told(lambda: desk.journal.records.append(told)))


async def asking(desk: Desk) -> Pictures:
    """What the bot answers to one person alone."""
    last = desk.world.posted()[-1]
    code = last.embeds[0]["footer"]["text"][-9:]
    for name, command, options in (
        ("why", "why", {"notice": code}),
        ("watch-add", "watch add", {"kind": "company", "name": CORVOY.name, "identifiers": CORVOY.number}),
        ("item", "watch show", {"item": VALMARIN.name}),
        ("list", "watch list", {}),
    ):
        reply = await desk.says(command, **options)
        assert reply.message is not None
        yield desk.shown(name, reply.message)
    reply = await desk.world.admin.slash("setup", desk.world.announcements)
    assert reply.message is not None
    yield desk.shown("setup", reply.message)


async def held_back(desk: Desk) -> Pictures:
    """A notice that a muted item hits is told by nothing, and `/why` says so."""
    await desk.says("watch mute", item=OFFICIAL, until=f"{in_days(7):%Y-%m-%d}")
    number = "26-90997"
    desk.world.boamp.records.append(
        boamp_records.fns_notice(
            idweb=number,
            objet=f"Concours pour la halle du port : jury présidé par {OFFICIAL}",
            published=today(),
            buyer=Firm("Ville de Brest"),
            deadline=in_days(20),
        )
    )
    async with asyncio.timeout(PATIENCE_S):
        while not desk.world.rows("SELECT 1 FROM hit JOIN notice ON notice.id = notice_id WHERE source_id = ?", number):
            await asyncio.sleep(0.05)
    reply = await desk.says("why", notice=number)
    assert reply.message is not None
    yield desk.shown("why-held", reply.message)
    await desk.says("watch unmute", item=OFFICIAL)


async def digest(desk: Desk) -> Pictures:
    """An item that waits for the digest of its channel."""
    place = desk.world.guild.add_channel("veille-littoral")
    await desk.says("watch add", kind="keyword", name="littoral", channel=place, priority="digest")
    await desk.world.editor.slash(
        "digest schedule", desk.world.announcements, channel=place, every="weekdays", at="08:30"
    )
    coast = boamp_records.eforms_award(
        idweb="26-90998",
        objet="Surveillance du littoral par ballon captif",
        published=today(),
        buyer=Firm("Région Bretagne"),
        winners=(CORVOY,),
        amount="1150000",
    )
    desk.world.boamp.records += [desk.bulletin.for_digest[0], coast]
    async with asyncio.timeout(PATIENCE_S):
        while len(desk.world.rows("SELECT 1 FROM hit JOIN notice ON notice.id = notice_id WHERE held = 'digest'")) < 2:
            await asyncio.sleep(0.05)
    await desk.world.editor.slash("digest now", desk.world.announcements, digest="1")
    await desk.world.until_settled()
    yield desk.shown("digest", desk.world.posted(place)[-1])


async def noise(desk: Desk) -> Pictures:
    """A week in which an item brought homonyms, and the note of its noise."""
    await desk.says("watch add", kind="company", name="Axis")
    await desk.world.bots[-1].stop()
    database = await Database.open(desk.world.database, SystemClock())
    try:
        async with database.read() as connection:
            found = await watchlist.every(connection, desk.world.guild.id)
        [item] = [one for one in found if one.name == "Axis"]
        await bring(database, item, desk.world.now(), good=24, wrong=190)
    finally:
        await database.close()
    await desk.goes_to(1)
    operations = desk.world.operations
    yield desk.shown("noise", await operations.wait_for(lambda one: "bruit" in words_of(one), PATIENCE_S))


async def one_thread_a_procedure(desk: Desk) -> Pictures:
    """Where the newsroom wants it, what follows a notice comes into a thread under its message."""
    await desk.announcing(threads="yes")
    tender = boamp_records.eforms_notice(
        idweb="26-90993",
        objet="Caméras-piétons de la gendarmerie maritime",
        published=today(),
        buyer=Firm("Ministère des Armées"),
        deadline=in_days(31),
        estimate="6300000",
    )
    first = await desk.news(tender)
    moved = boamp_records.corrigendum(of=tender, idweb="26-90994", published=today(), deadline=in_days(45))
    desk.world.boamp.records.append(moved)
    await desk.sent("notice", len(desk.world.rows("SELECT 1 FROM announcement WHERE kind = 'notice'")) + 1)
    thread = desk.world.platform.channels[first.id]
    yield desk.shown("thread-start", first)
    yield desk.shown("thread", *thread.messages)
    await desk.announcing(threads="no")


async def forum(desk: Desk) -> Pictures:
    """An item whose channel is a forum."""
    place = desk.world.guild.add_channel("enquete-drones", kind=FORUM)
    await desk.says("watch add", kind="keyword", name="drone", channel=place)
    number = len(desk.world.rows("SELECT 1 FROM announcement WHERE kind = 'notice'"))
    desk.world.boamp.records.append(desk.bulletin.for_digest[1])
    await desk.sent("notice", number + 1)
    (post,) = place.threads
    yield desk.shown("forum", *post.messages)


async def a_procedure_is_followed(desk: Desk) -> Pictures:
    """A notice that no item names is found by a search, followed, and changed."""
    tender = desk.bulletin.before[0]
    await desk.world.until_indexed()
    found = await desk.says("search", query="ascenseurs")
    assert found.message is not None
    yield desk.shown("search", found.message)
    before = len(desk.world.posted())
    followed = await desk.world.reporter.click(found, label="Suivre")
    assert followed.message is not None
    yield desk.shown("followed", followed.message)
    first = (await desk.world.shown(before + 1))[before]
    await desk.world.until_settled()
    moved = boamp_records.corrigendum(of=tender, idweb="26-90996", published=today(), deadline=in_days(60))
    yield desk.shown("follow-news", first, await desk.news(moved))


async def follow_ups(desk: Desk) -> Pictures:
    """Three days before a deadline, and long after it."""
    await desk.goes_to(32)
    reminder, *_ = await desk.sent("deadline", 1)
    yield desk.shown("deadline", reminder)
    await desk.goes_to(145)
    alarms = await desk.sent("no_award", 2)
    yield desk.shown("no-award", next(one for one in alarms if one.channel_id == desk.world.announcements.id))


async def storm(desk: Desk) -> Pictures:
    """More hits at once than a channel takes."""
    await desk.world.editor.slash(
        "digest schedule", desk.world.announcements, channel=desk.world.announcements, every="weekdays", at="08:30"
    )
    records = [
        boamp_records.fns_notice(
            idweb=f"26-9110{place:02}",
            objet=f"Caméras-piétons pour la police municipale de {town}",
            published=today(),
            buyer=Firm(f"Ville de {town}"),
            deadline=in_days(place + 2),
        )
        for place, town in enumerate(TOWNS)
    ]
    yield desk.shown("storm", await desk.told(lambda: desk.world.boamp.records.extend(records)))


async def failing_source(desk: Desk) -> Pictures:
    """A source fails, and answers again."""
    operations = desk.world.operations
    before = len(desk.world.posted(operations))
    desk.world.boamp.fail_next(PublisherFault.ERROR, times=3)
    messages = await desk.world.shown(before + 2, operations)
    yield desk.shown("source-fails", *messages[before:])


STORIES = (
    tender_with_nothing_known,
    a_notice_is_changed,
    one_of_many_hits,
    what_is_known,
    correcting_a_fact,
    hiding_a_tip,
    lobby_register,
    official_journal,
    asking,
    held_back,
    one_thread_a_procedure,
    digest,
    forum,
    a_procedure_is_followed,
    storm,
    failing_source,
    noise,
    follow_ups,
)


async def captured_pictures(folder: Path) -> list[Picture]:
    """Live every story with one bot, and return all pictures."""
    with closing(Nursery()) as nursery:
        async with desk_in(folder, nursery) as desk:
            try:
                return [one for story in STORIES async for one in story(desk)]
            except TimeoutError as error:
                error.add_note(f"The bot's log ends:\n{desk.world.bots[-1].log[-LOG_CHARS:]}")
                raise
