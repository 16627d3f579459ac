"""Each way in which a hit is announced, or is not, has a sentence of its own, with what can be done."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.locales import Language
from bot.models import ItemKind, NoticeKind, Priority
from bot.pipeline.pausing import pause, resume
from bot.storage.watching import watchlist
from bot.watchlist.changes import UNTIL_FURTHER_NOTICE
from bot.watchlist.dismissing import dismiss, mark_of, undo
from tests.factories import GUILD, START, make_item, make_notice
from tests.pipeline.register import RegisterSource, crowd, organisation
from tests.pipeline.two_sources import NOBODYS, gazette, journal, read_journal
from tests.watchlist.explained_world import OWN_CHANNEL, PERSON, Told

NIGHT = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)
"""23:00 in Paris."""
ATLAS = {"title": "Avis de marché", "text": "avec Atlas Copco France"}
NOTICE = make_notice("26-1")


async def announced(told: Told) -> None:
    await told.poll([NOTICE])


async def first_reading(told: Told) -> None:
    await read_journal(told, make_notice("26-1", source="journal"))


async def added_later(told: Told) -> None:
    item = await told.another("drone")
    notice = make_notice("26-1", title="Achat de drones")
    await told.remove(item)
    await told.poll([notice])
    await told.another("drones")
    await told.poll([make_notice("26-1", title="Achat de drones", text="Le texte est autre.")])


async def changed_later(told: Told) -> None:
    item = await told.another("hélicoptère")
    await told.poll([make_notice("26-1", title="Achat de drones")])
    await told.change(item, name="drone")
    await told.poll([make_notice("26-1", title="Achat de drones", text="Le texte est autre.")])


async def weak(told: Told) -> None:
    await told.another("Jeanne Martinet", kind=ItemKind.OFFICIAL)
    await told.poll([make_notice("26-1", title="Nomination", text="Arrêté portant nomination de J. Martinet.")])


async def kept(told: Told) -> None:
    await told.change(priority=Priority.DIGEST)
    await told.poll([NOTICE])


async def was_kept(told: Told) -> None:
    await kept(told)
    await told.change(priority=Priority.INSTANT)


async def no_channel(told: Told) -> None:
    await told.settings(announcements_channel=None)
    await told.poll([NOTICE])


async def late(told: Told) -> None:
    await told.poll([make_notice("26-1", published=(START - timedelta(days=40)).date())])


async def muted(told: Told) -> None:
    await told.mute(told.item, timedelta(days=2))
    await told.poll([NOTICE])


async def muted_open(told: Told) -> None:
    await told.mute(told.item, UNTIL_FURTHER_NOTICE - told.clock.now())
    await told.poll([NOTICE])


async def was_muted(told: Told) -> None:
    await muted(told)
    await told.mute(told.item, None)


async def mute_over(told: Told) -> None:
    await muted(told)
    told.clock.advance(timedelta(days=3))


async def dismissed_organisation(told: Told) -> None:
    item = await told.another("Atlas", kind=ItemKind.COMPANY)
    await told.poll([make_notice("26-7", procedure="p:7", **ATLAS)])
    stored = await told.newest(item)
    await dismiss(told.database, GUILD, stored.row, mark_of("atlas copco france"), PERSON, told.clock.now())
    await told.poll([make_notice("26-1", procedure="p:1", **ATLAS)])


async def dismissed_series(told: Told) -> None:
    await told.announce(make_notice("26-7", procedure="p:7"))
    await dismiss(told.database, GUILD, (await told.newest()).row, None, PERSON, told.clock.now())
    await told.poll([make_notice("26-1", procedure="p:7")])


async def undone(told: Told) -> None:
    await told.announce(make_notice("26-7", procedure="p:7"))
    said = await dismiss(told.database, GUILD, (await told.newest()).row, None, PERSON, told.clock.now())
    await told.poll([make_notice("26-1", procedure="p:7")])
    await undo(told.database, GUILD, said.dismissal.id, 8, told.clock.now())


async def storm(told: Told) -> None:
    await told.brake(1)
    await told.announce(NOTICE, make_notice("26-2"))


async def storm_at_night(told: Told) -> None:
    await told.brake(1)
    await told.settings(quiet_from="22:00", quiet_until="07:00", storm=1)
    told.clock.moment = NIGHT
    await told.poll([NOTICE])
    await told.poll([make_notice("26-2")])


async def companion(told: Told) -> None:
    register = RegisterSource(crowd())
    await told.poll(source=register)
    register.dump = {**crowd(), **organisation("firm", "26-1", title="Caméra-piéton SAS", procedure="register:firm")}
    found = register.dump["firm"]
    again = make_notice(
        "26-1", source="register", kind=NoticeKind.REGISTRATION, title="Caméra-piéton SAS", text="",
        deadline=None, published=None, procedure="register:firm",
    )  # fmt: skip
    register.dump = {**register.dump, "firm": [found[0], again]}
    await told.poll(source=register)
    await told.send_all()


async def twin(told: Told) -> None:
    await read_journal(told, journal(0, procedure=None, **NOBODYS))
    await told.announce(gazette(5))
    await read_journal(told, journal(1))


async def paused(told: Told) -> None:
    await pause(told.database, GUILD, "gazette", PERSON, told.clock.now())
    await told.poll([NOTICE])


async def was_paused(told: Told) -> None:
    await paused(told)
    await resume(told.database, GUILD, "gazette", PERSON, told.clock.now())


async def told_by_a_digest(told: Told) -> None:
    await kept(told)
    await told.digest()


async def waiting_for_a_digest(told: Told) -> None:
    await kept(told)
    await told.schedule_digest()


async def beside_a_digest_of_another_channel(told: Told) -> None:
    await kept(told)
    await told.schedule_digest(OWN_CHANNEL)


async def due_by_an_earlier_version(told: Told) -> None:
    await waiting_for_a_digest(told)
    await told.poll([make_notice("26-1", text="Fourniture de caméras-piétons, en deux lots.")])


async def shared_by_a_twin(told: Told) -> None:
    await read_journal(told, journal(0, procedure=None, **NOBODYS))
    await told.change(priority=Priority.DIGEST)
    await read_journal(told, journal(1))
    await told.poll([gazette(1)])


async def removed(told: Told) -> None:
    await told.poll([NOTICE])
    await told.remove(told.item)


async def no_longer_there(told: Told) -> None:
    await told.poll([NOTICE])
    await told.poll([make_notice("26-1", title="Autre chose", text="Rien de cela.")])


async def changed_since(told: Told) -> None:
    await told.poll([NOTICE])
    await told.change(name="radar")


async def of_another_source(told: Told) -> None:
    await told.change(sources=("journal",))
    await told.poll([NOTICE])


async def excluded(told: Told) -> None:
    await told.change(none_of=("police",))
    await told.poll([NOTICE])


async def without_context(told: Told) -> None:
    await told.change(any_of=("préfecture",))
    await told.poll([NOTICE])


async def added_since(told: Told) -> None:
    await told.poll([NOTICE])
    await told.another("police")


async def entered_otherwise_since(told: Told) -> None:
    await told.change(name="radar")
    await told.poll([NOTICE])
    await told.change(name="caméra-piéton")


async def nearly(told: Told) -> None:
    await told.change(name="caméra ET préfecture")
    await told.poll([NOTICE])


async def of_nobody(told: Told) -> None:
    await told.poll([make_notice("26-1", **NOBODYS)])


async def without_its_text(told: Told) -> None:
    await told.poll([make_notice("26-1", **NOBODYS)])
    await told.alter("notice", text_dropped_at=told.clock.now().isoformat())


WAYS: tuple[tuple[Callable[[Told], Awaitable[None]], str, str], ...] = (
    (announced, "Announced, or about to be: see above.", "Annoncé, ou sur le point de"),
    (first_reading, "No alert: the notice was read in silence, at the first reading", "lu en silence"),
    (
        added_later,
        "No alert: the item was added on 16 November 2026",
        "l\u2019élément a été ajouté le 16 novembre 2026",
    ),
    (changed_later, "the item did not match it yet; it was changed or restored since", "il a été modifié ou rétabli"),
    (weak, "No alert: the match is to be checked.", "la correspondance est à vérifier"),
    (kept, "kept for the digest. To be told at once: `/watch edit`", "réservé au résumé. Pour être prévenu"),
    (was_kept, "was then kept for the digest, or had no channel", "était alors réservé au résumé"),
    (no_channel, "An administrator names one with `/setup`", "Un administrateur en choisit un par `/réglages`"),
    (late, "published on 7 October 2026, long before it was found (16 November 2026", "a paru le 7 octobre 2026"),
    (
        muted,
        "muted until 18 November 2026 at 09:30. To end that: `/watch unmute`",
        "en sourdine jusqu\u2019au 18 novembre",
    ),
    (muted_open, "muted until further notice. To end that: `/watch unmute`", "jusqu\u2019à nouvel ordre"),
    (mute_over, "the item was muted then; it no longer is", "il ne l\u2019est plus"),
    (was_muted, "the item was muted then; it no longer is", "il ne l\u2019est plus"),
    (
        dismissed_organisation,
        "Dismissed by <@7> on 16 November 2026 at 10:01: “Atlas Copco France” is not",
        "n\u2019est pas lui",
    ),
    (
        dismissed_series,
        "this series of notices (“Acquisition de caméras-piétons”) is not about the item",
        "cette série d\u2019avis",
    ),
    (undone, "No alert: the match was dismissed, until <@8> took that back on 16 November", "<@8> revienne là-dessus"),
    (
        storm,
        "too many matches at once for this channel (more than 1). The grouped message [",
        "d\u2019un coup",
    ),
    (
        storm_at_night,
        "too many matches in quiet hours (more than 1). The grouped message **",
        "pendant les heures calmes",
    ),
    (
        paused,
        "No alert: <@7> paused gazette for the newsroom on 16 November 2026 at 09:30. To go on",
        "`/source reprendre`",
    ),
    (was_paused, "No alert: the newsroom had paused gazette then.", "avait alors mis gazette en pause"),
    (told_by_a_digest, ") of 16 November 2026 at 10:00 names it.", "Le résumé ["),
    (
        waiting_for_a_digest,
        "It waits for the digest of <#2001> on 17 November 2026 at 08:00.",
        "Attend le résumé de <#2001>",
    ),
    (
        kept,
        "No digest is scheduled for its channel. To schedule one: `/digest schedule`.",
        "Aucun résumé n\u2019est planifié",
    ),
    (
        beside_a_digest_of_another_channel,
        "No digest is scheduled for its channel. To schedule one: `/digest schedule`.",
        "Aucun résumé n\u2019est planifié",
    ),
    (due_by_an_earlier_version, "It waits for the digest of <#2001> on 17 November", "Attend le résumé de <#2001>"),
    (shared_by_a_twin, "The digest names it once only", "Le résumé ne le nomme qu\u2019une fois"),
    (removed, "Removed by <@7> on 16 November 2026 at 10:00. To put it back: `/watch restore`.", "Retiré par <@7>"),
    (no_longer_there, "Found in version 1 of the notice; the latest one no longer matches.", "dans la version 1"),
    (changed_since, "No longer matches: the item was changed since, or the rules.", "Ne correspond plus"),
    (of_another_source, "**caméra-piéton** stands there (“caméras-piétons”), but does not count: ", "ne compte pas"),
    (excluded, "none_of", "none_of"),
    (without_context, "any_of", "any_of"),
    (added_since, "**police** (keyword)", "**police** (mot-clé)"),
    (
        added_since,
        "No alert: the item was added on 16 November 2026 at 10:01, when the notice had",
        "l\u2019avis était déjà lu",
    ),
    (
        entered_otherwise_since,
        "No alert: the item was changed since the notice was read, or the rules",
        "modifié depuis la lecture",
    ),
    (nearly, "**caméra ET préfecture** does not match it:", "n\u2019y correspond pas"),
    (of_nobody, "No watch item matches it.", "Aucun élément surveillé n\u2019y correspond."),
    (without_its_text, "The text of this notice is kept no longer", "n\u2019est plus conservé"),
)


@pytest.mark.parametrize(("way", "english", "french"), WAYS, ids=lambda one: getattr(one, "__name__", ""))
async def test_each_way_has_its_own_sentence(
    told: Told, way: Callable[[Told], Awaitable[None]], english: str, french: str
) -> None:
    await way(told)
    assert english in await told.why()
    assert french in await told.why(language=Language.FR)


@pytest.mark.parametrize(
    ("language", "heading", "item"),
    [
        (Language.EN, "**Also in this message**", "**Orsel** (keyword)"),
        (Language.FR, "**Aussi dans ce message**", "**Orsel** (mot-clé)"),
    ],
)
async def test_a_message_on_several_entries_tells_of_every_item_that_it_names(
    told: Told, language: Language, heading: str, item: str
) -> None:
    await told.another("Orsel")
    register = RegisterSource(crowd())
    await told.poll(source=register)
    firm = organisation("firm", title="Caméra-piéton SAS", procedure="register:firm")["firm"]
    register.dump = {**crowd(), "firm": [*firm, replace(firm[0], id="firm:1", title="Orsel, client de la firme")]}
    await told.poll(source=register)
    await told.send_all()
    [message] = await told.owed()
    said = await told.why("firm", language, message)
    assert f"{heading}\n{item}" in said
    assert said.index("**caméra-piéton** (") < said.index(heading) < said.index("Orsel, client de la firme")
    assert re.search(r"\*\*caméra-piéton\*\* (et|and) \*\*Orsel\*\*\.", said)
    assert heading not in await told.why("firm", language)


async def test_the_id_of_a_register_stands_in_code_as_it_is_typed(told: Told) -> None:
    await told.poll([make_notice("998300552:client:998100473")])
    assert "`998300552:client:998100473`" in await told.why("998300552:client:998100473")


async def test_a_hit_beside_another_notice_names_the_message_that_tells_it(told: Told) -> None:
    await companion(told)
    assert "] , which" not in (said := await told.why("26-1"))
    assert f"No alert of its own: the message [{await told.code()}](" in said


async def test_a_twin_names_the_message_and_the_other_publisher(told: Told) -> None:
    await twin(told)
    assert f"[{await told.code()}](" in (said := await told.why("71-2026"))
    assert "announces the same notice, which gazette published too." in said


async def test_what_left_a_register_says_that_this_is_the_news(told: Told) -> None:
    register = RegisterSource(crowd())
    await told.poll(source=register)
    for title, buyer in (("Caméra-piéton SAS", "Lyon"), ("Autre SAS", "Brest")):
        register.dump = {**crowd(), **organisation("firm", title=title, buyer=buyer)}
        await told.poll(source=register)
        await told.send_all()
    said = await told.why("firm")
    assert "These words stood in version 1 and no longer do: that is the news." in said
    assert "No longer matches" not in said


async def test_two_items_have_each_their_own_sentence(told: Told) -> None:
    await told.another("police", channel_id=OWN_CHANNEL, priority=Priority.DIGEST)
    await told.poll([NOTICE])
    said = await told.why()
    assert said.count("Announced, or about to be") == said.count("kept for the digest") == 1


async def test_another_newsrooms_items_and_digests_bear_on_nothing(told: Told) -> None:
    await kept(told)
    async with told.database.tx("test.other") as connection:
        await connection.run("INSERT INTO newsroom (guild_id, language, timezone) VALUES (9, 'fr', 'Europe/Paris')")
        await watchlist.add(connection, make_item("police", guild_id=9), "police", told.clock.now())
        await connection.run("INSERT INTO source_pause VALUES (9, 'gazette', 'x', 1)")
    said = await told.why()
    assert "police" not in said.replace("la police", "")
    assert "No digest is scheduled" in said
