"""What a newsroom lives through, told to the real bot at a loopback Discord, and what the bot sent each time.

A story is one function in `STORIES`: it is given a desk that runs, acts as a reporter would, and yields its pictures.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any

from bot.loopback import Channel, Message, Reply
from bot.loopback.demo_notices import OFFICIAL, VALMARIN, VALMARIN_ALIAS, Bulletin, demo_bulletin
from bot.loopback.publishers import PublisherFault, boamp_records, hatvp_records, jorf
from bot.loopback.publishers.boamp_eforms import Firm
from bot.loopback.publishers.hatvp import LoopbackHatvp
from bot.loopback.publishers.hatvp_records import SPENDS
from bot.loopback.publishers.jorf import LoopbackJorf
from bot.loopback.publishers.numbers import siren
from tests.cards_shown.captured import Picture, picture
from tests.e2e.nursery import Nursery
from tests.e2e.world import PARIS, PATIENCE_S, World, in_days, today, world

FORUM = 15
"""The type of a forum channel."""
FILLERS = 12
"""Organisations that a lobby register holds besides: without them it has shrunk when one is gone."""
LOBBY = siren("99830055")
CORVOY = Firm("Corvoy Technologies", siren("99820051"))
CONTRACT = "https://www.brest.example/deliberations/2026-114"
TOWNS = (
    *("Brive", "Cahors", "Castres", "Foix", "Gap", "Millau", "Nevers", "Rodez", "Tarbes", "Valence", "Vannes"),
    *("Dax", "Digne", "Dole", "Mende", "Pau", "Privas", "Tulle", "Vesoul", "Vichy", "Vienne", "Laval"),
)
"""More than a channel takes at once."""
LOG_CHARS = 3_000

Pictures = AsyncIterator[Picture]


@dataclass
class Desk:
    """Hold a newsroom whose bot runs, what its sources publish, and the channel of its log."""

    world: World
    bulletin: Bulletin
    register: LoopbackHatvp
    journal: LoopbackJorf
    log: Channel

    def shown(self, name: str, *messages: Message) -> Picture:
        """Return a picture of messages as they stand now."""
        return picture(name, self.world.platform, messages)

    async def says(self, command: str, /, **options: Any) -> Reply:
        """Have the reporter use a command, and wait until what it owes is sent."""
        reply = await self.world.reporter.slash(command, self.world.announcements, **options)
        await self.world.until_settled()
        return reply

    async def told(self, publish: Callable[[], object], channel: Channel | None = None) -> Message:
        """Publish, and return the message that comes of it."""
        before = len(self.world.posted(channel))
        publish()
        await self.world.shown(before + 1, channel)
        await self.world.until_settled()
        return self.world.posted(channel)[before]

    async def announcing(self, **values: str) -> None:
        """Have the administrator change how hits are announced."""
        shown = await self.world.admin.slash("setup", self.world.announcements)
        form = await self.world.admin.click(shown, label="Annonces")
        await self.world.admin.submit(form, values)

    async def sent(self, kind: str, number: int) -> list[Message]:
        """Wait until so many announcements of a kind were sent, and return their messages, oldest first."""
        sql = "SELECT message_id FROM announcement WHERE kind = ? AND message_id IS NOT NULL ORDER BY id"
        async with asyncio.timeout(PATIENCE_S):
            while len(self.world.rows(sql, kind)) < number:
                await asyncio.sleep(0.05)
        await self.world.until_settled()
        ids = [row["message_id"] for row in self.world.rows(sql, kind)]
        every = {one.id: one for channel in self.world.platform.channels.values() for one in channel.messages}
        return [every[int(one)] for one in ids]

    async def goes_to(self, days: int) -> None:
        """Make it the morning so many days from now, with a bot that was away in between."""
        await self.world.bots[-1].stop()
        self.world.set_clock(datetime.combine(today() + timedelta(days=days), time(10), PARIS))
        await self.world.started()

    async def news(self, record: dict[str, Any]) -> Message:
        """Publish a record in the bulletin, and return its announcement."""
        return await self.told(lambda: self.world.boamp.records.append(record))


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
    yield desk.shown("award-several", await desk.news(several))


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
    """More hits at once than a channel takes, and the digest that has them."""
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
    await desk.world.editor.slash("digest now", desk.world.announcements, digest="1")
    await desk.world.until_settled()
    yield desk.shown("digest", desk.world.posted()[-1])


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
    one_thread_a_procedure,
    forum,
    a_procedure_is_followed,
    storm,
    failing_source,
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


@asynccontextmanager
async def desk_in(folder: Path, nursery: Nursery) -> AsyncIterator[Desk]:
    """Build a newsroom that follows two companies, an official and a keyword, with a first read behind it."""
    async with AsyncExitStack() as stack:
        made = await stack.enter_async_context(world(folder, nursery))
        register = await stack.enter_async_context(LoopbackHatvp(_organisations()))
        journal = await stack.enter_async_context(LoopbackJorf([_decree()]))
        bulletin = demo_bulletin(today())
        made.boamp.records += bulletin.before
        others = {"hatvp": register.url, "jorf": journal.url}
        tables = [f'[sources.{name}]\nevery = "1s"\nbase_url = "{url}"\npace = "0s"' for name, url in others.items()]
        made.configure(extra="\n".join(tables))
        await made.started()
        log = made.guild.add_channel("journal")
        await made.set_up()
        await made.admin.slash("setup", made.announcements, log=log)
        for item in _items():
            await made.reporter.slash("watch add", made.announcements, **item)
        await made.until_polled()
        yield Desk(made, bulletin, register, journal, log)


def _items() -> Iterator[dict[str, Any]]:
    yield {
        "kind": "company",
        "name": VALMARIN.name,
        "identifiers": VALMARIN.number or "",
        "aliases": VALMARIN_ALIAS,
        "ref": "DOS-12",
    }
    yield {"kind": "keyword", "name": "caméra-piéton"}
    yield {"kind": "official", "name": OFFICIAL}


def _decree() -> dict[str, Any]:
    title = "Décret du 17 novembre 2026 relatif aux ports maritimes"
    return jorf.decree(id="JORFTEXT000052000100", title=title, published=today() - timedelta(days=1))


def _organisations() -> list[dict[str, Any]]:
    fillers = [hatvp_records.organisation(f"CABINET {place}", siren(f"5000{place:04}")) for place in range(FILLERS)]
    registered = today() - timedelta(days=1)
    year = hatvp_records.year(1, 2025, declared=today(), spend=SPENDS[1])
    return [*fillers, hatvp_records.organisation("LYSANDRE CONSEIL", LOBBY, years=[year], registered=registered)]
