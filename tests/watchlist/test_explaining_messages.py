"""How far each message has come, what keeps it, why it goes to its channel, and what was told of a newer version."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import pytest

from bot.following_up import follow
from bot.locales import Language
from bot.models import AnnouncementKind
from bot.pipeline.pausing import pause
from bot.reference import AnnouncementKey
from bot.storage import newsrooms
from bot.storage.outbox import announcements, sending
from tests.factories import CHANNEL, GUILD, make_notice, place_of
from tests.pipeline.two_sources import EARLIER, LATER, NOBODYS, gazette, journal, read_journal
from tests.watchlist.explained_world import OWN_CHANNEL, PERSON, Told

NOTICE = make_notice("26-1")
MOVED = make_notice("26-1", deadline=LATER)
REWORDED = make_notice("26-1", text="Fourniture de caméras-piétons pour la police, en deux lots.")
NIGHT = datetime(2026, 11, 16, 22, 0, tzinfo=UTC)
"""23:00 in Paris."""
WAY = Callable[[Told], Awaitable[None]]


async def owed(told: Told) -> int:
    await told.poll([NOTICE])
    [row] = await told.owed()
    return row.id


async def begun(told: Told) -> int:
    row = await owed(told)
    async with told.database.tx("test.begin") as connection:
        assert await sending.begin(connection, place_of(), row, told.clock.now())
    return row


async def due(told: Told) -> None:
    await owed(told)


async def sent(told: Told) -> None:
    await told.announce(NOTICE)


async def in_doubt(told: Told) -> None:
    await begun(told)


async def of_a_poll_under_way(told: Told) -> None:
    await owed(told)
    await told.alter("announcement", polled="gazette")


async def quiet(told: Told) -> None:
    await told.settings(quiet_from="22:00", quiet_until="07:00")
    told.clock.moment = NIGHT
    await owed(told)


async def over_the_night(told: Told) -> None:
    await quiet(told)
    told.clock.moment = NIGHT + timedelta(hours=9)


async def retried(told: Told) -> None:
    row = await owed(told)
    async with told.database.tx("test.postpone") as connection:
        await sending.postpone(connection, row, told.clock.now() + timedelta(minutes=5), "503")


async def parked(told: Told, reason: str) -> None:
    await owed(told)
    async with told.database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, reason, told.clock.now())


async def channel_deleted(told: Told) -> None:
    await parked(told, "deleted")


async def channel_forbidden(told: Told) -> None:
    await parked(told, "forbidden")


async def restored(told: Told) -> None:
    await owed(told)
    async with told.database.tx("test.restored") as connection:
        sql = "INSERT INTO sighting (guild_id, channel_id, code, message_id) VALUES (?, ?, ?, 77)"
        await connection.run(sql, GUILD, CHANNEL, await told.code())


async def in_short_form(told: Told) -> None:
    row = await owed(told)
    async with told.database.tx("test.plain") as connection:
        await sending.make_plain(connection, row, "refused")
    await told.send_all()


async def deleted(told: Told) -> None:
    row = await begun(told)
    async with told.database.tx("test.gone") as connection:
        now = told.clock.now()
        await sending.sent(connection, row, message_id=None, shown={}, revision=1, now=now)


async def aside(told: Told, reason: str) -> None:
    row = await begun(told)
    async with told.database.tx("test.aside") as connection:
        await sending.set_aside(connection, row, reason)


async def set_aside(told: Told) -> None:
    await aside(told, "history_forbidden")


async def set_aside_for_what_it_is(told: Told) -> None:
    await aside(told, "unexpected, ref a1b2")


async def being_taken_out(told: Told) -> None:
    await told.announce(NOTICE)
    await told.alter("announcement", is_withdrawn=1, shown=None)


async def taken_out(told: Told) -> None:
    await told.announce(NOTICE)
    await told.alter("announcement", is_withdrawn=1, shown=None, state="withdrawn")


STATES: tuple[tuple[WAY, str, str], ...] = (
    (due, "in <#2001>: to be sent", "envoi à venir"),
    (sent, ") · announcement in <#2001>: sent on 16 November 2026 at 10:00", "envoi du 16 novembre"),
    (in_doubt, "being sent, or to be confirmed with Discord", "à confirmer auprès de Discord"),
    (of_a_poll_under_way, "to be sent when the poll under way ends", "à la fin de la lecture en cours"),
    (quiet, "held until 17 November 2026 at 07:00 (quiet hours)", "retenu jusqu\u2019au 17 novembre 2026 à 07:00"),
    (over_the_night, "in <#2001>: to be sent", "envoi à venir"),
    (retried, "Discord did not answer. Next try on 16 November 2026 at 10:05", "Nouvel essai le 16 novembre"),
    (channel_deleted, "not sent, the channel was deleted. Name another one: `/setup`", "le salon a été supprimé"),
    (channel_forbidden, "Vigie may not write in this channel. Give it that right", "pas le droit d\u2019écrire"),
    (restored, "a backup was restored, and it may stand there already", "une sauvegarde a été restaurée"),
    (in_short_form, "at 10:00 in short form: Discord refused the full one", "en version courte"),
    (deleted, "at 10:00, then deleted in Discord by a person: it is not sent again", "suppression à la main"),
    (set_aside, "set aside. I could not check whether it is already in the channel", "mise de côté"),
    (set_aside_for_what_it_is, "set aside. `unexpected, ref a1b2`. Then: `/setup`", "`unexpected, ref a1b2`."),
    (being_taken_out, "being taken out of the channel", "retrait du salon en cours"),
    (taken_out, "taken out of the channel", "retrait du salon"),
)


@pytest.mark.parametrize(("way", "english", "french"), STATES, ids=[way.__name__ for way, *_ in STATES])
async def test_each_message_says_how_far_it_is(told: Told, way: WAY, english: str, french: str) -> None:
    await way(told)
    assert english in await told.why()
    assert french in await told.why(language=Language.FR)


async def to_its_own_channel(told: Told) -> None:
    await told.change(channel_id=OWN_CHANNEL)
    await told.poll([NOTICE])


async def to_a_dossiers_channel(told: Told) -> None:
    await told.in_dossier("Police", OWN_CHANNEL)
    await told.poll([NOTICE])


async def moved_since(told: Told) -> None:
    await told.announce(NOTICE)
    await told.change(channel_id=OWN_CHANNEL)


async def gathered_since(told: Told) -> None:
    await told.announce(NOTICE)
    await told.in_dossier("Police", OWN_CHANNEL)


async def followed_by_hand(told: Told) -> None:
    await told.poll([make_notice("26-1", **NOBODYS)])
    async with told.database.read() as connection:
        [row] = await connection.all("SELECT id FROM notice WHERE source_id = '26-1'")
    await follow(told.database, GUILD, row["id"], 8, told.clock.now())


async def continued(told: Told) -> None:
    await told.announce(make_notice("26-7", procedure="p:7"))
    await told.announce(make_notice("26-1", procedure="p:7", **NOBODYS))


async def in_a_digest(told: Told) -> None:
    await told.schedule_digest()
    await told.announce(NOTICE)
    await told.digest()


async def recalled(told: Told, kind: AnnouncementKind) -> None:
    await told.announce(NOTICE)
    key = AnnouncementKey(guild_id=GUILD, channel_id=CHANNEL, kind=kind, subject="p")
    async with told.database.tx("test.recall") as connection:
        details = {"deadline": "2026-12-10T12:00:00+00:00", "ended_by": None, "moved_to": None}
        first = (await connection.all("SELECT id FROM announcement"))[0]["id"]
        await announcements.owe(connection, key, now=told.clock.now(), follows=first, details=details)


async def near_its_deadline(told: Told) -> None:
    await recalled(told, AnnouncementKind.DEADLINE)


async def without_an_award(told: Told) -> None:
    await recalled(told, AnnouncementKind.NO_AWARD)


ROUTES: tuple[tuple[WAY, str, str], ...] = (
    (
        sent,
        "The newsroom's announcements channel, for **caméra-piéton**.",
        "Salon d\u2019annonces de la rédaction, pour",
    ),
    (to_its_own_channel, "The channel named for **caméra-piéton**.", "Salon choisi pour **caméra-piéton**."),
    (
        to_a_dossiers_channel,
        "The channel of the dossier **Police**, which holds **caméra-piéton**.",
        "dossier **Police**",
    ),
    (moved_since, "The channel of that time for **caméra-piéton**.", "Salon d\u2019alors pour **caméra-piéton**."),
    (gathered_since, "The channel of that time for **caméra-piéton**.", "`/veille voir`"),
    (followed_by_hand, "<@8> has this procedure followed here; no watch item names it.", "<@8> fait suivre"),
    (continued, " of the same procedure: no watch item is named here.", "Suite de ["),
    (in_a_digest, "A digest that is scheduled for this channel.", "Résumé planifié pour ce salon."),
    (near_its_deadline, "A reminder: the deadline of [", "Rappel\u202f: la date limite de ["),
    (without_an_award, "An alarm: long after the deadline of [", "Alerte\u202f: longtemps après"),
)


@pytest.mark.parametrize(("way", "english", "french"), ROUTES, ids=[way.__name__ for way, *_ in ROUTES])
async def test_each_message_says_why_it_goes_to_its_channel(told: Told, way: WAY, english: str, french: str) -> None:
    await way(told)
    assert english in (await told.why()).replace("\u2019", "'")
    assert french in (await told.why(language=Language.FR)).replace("\u00a0", "\u202f")


async def test_two_items_that_lead_to_two_channels_say_each_their_own(told: Told) -> None:
    await told.another("police", channel_id=OWN_CHANNEL)
    await told.poll([NOTICE])
    said = await told.why()
    assert "The channel named for **police**." in said
    assert "announcements channel, for **caméra-piéton**." in said


async def test_a_message_in_a_thread_names_the_thread_and_leads_there(told: Told) -> None:
    await told.announce(NOTICE)
    await told.alter("announcement", thread_id=555)
    said = await told.why()
    assert "in <#2001>, thread <#555>: sent" in said
    assert "https://discord.com/channels/1001/555/9001" in said


async def silent(told: Told) -> None:
    await told.announce(NOTICE)
    await told.announce(REWORDED)


async def answered(told: Told) -> None:
    await told.announce(NOTICE)
    await told.announce(MOVED)


async def before_it_was_sent(told: Told) -> None:
    await told.poll([NOTICE])
    await told.poll([REWORDED])


async def as_a_twin_said(told: Told) -> None:
    await read_journal(told, journal(0, procedure=None, **NOBODYS))
    await told.announce(gazette(1, deadline=EARLIER))
    for deadline in (EARLIER, LATER):
        await read_journal(told, journal(1, deadline=deadline))
        await told.send_all()
    await told.announce(gazette(1, deadline=LATER))


async def first_told_in_a_later_version(told: Told) -> None:
    await read_journal(told, make_notice("26-1", source="journal", **NOBODYS))
    await read_journal(told, make_notice("26-1", source="journal"))
    await told.send_all()


async def while_muted(told: Told) -> None:
    await told.announce(NOTICE)
    await told.mute(told.item, timedelta(days=2))
    await told.announce(MOVED)


async def while_paused(told: Told) -> None:
    await told.announce(NOTICE)
    await pause(told.database, GUILD, "gazette", PERSON, told.clock.now())
    await told.announce(MOVED)


async def never_announced(told: Told) -> None:
    await told.poll([make_notice("26-1", **NOBODYS)])
    await told.poll([make_notice("26-1", **{**NOBODYS, "text": "Autre."})])


VERSIONS: tuple[tuple[WAY, str, str], ...] = (
    (silent, "Version 2, read on 16 November 2026 at 10:30: modified without anything material against", "en silence"),
    (answered, "Version 2, read on 16 November 2026 at 10:30: what changed was announced in", "en réponse"),
    (before_it_was_sent, "the announcement, not sent yet then, shows it.", "pas encore envoyée alors"),
    (first_told_in_a_later_version, "that is the one announced.", "c\u2019est elle qui est annoncée."),
    (first_told_in_a_later_version, "Its first version was read unannounced", "Sa première version a été lue sans"),
    (as_a_twin_said, "or nothing that the other publication of this notice had not told", "l\u2019autre publication"),
    (while_muted, "not announced again, for the reason below.", "la raison est plus bas"),
    (while_paused, "not announced again, for the reason below.", "la raison est plus bas"),
    (never_announced, "This is its version 2.", "C\u2019en est la version 2."),
)


@pytest.mark.parametrize(("way", "english", "french"), VERSIONS, ids=[way.__name__ for way, *_ in VERSIONS])
async def test_each_newer_version_says_what_was_told_of_it(told: Told, way: WAY, english: str, french: str) -> None:
    await way(told)
    assert english in await told.why()
    assert french in await told.why(language=Language.FR)


async def test_answers_are_called_so_and_a_channel_is_explained_once(told: Told) -> None:
    await told.announce(NOTICE)
    await told.announce(MOVED)
    said = await told.why(language=Language.FR)
    assert said.count("annonce dans <#2001>") == said.count("réponse (ce qui change) dans <#2001>") == 1
    assert said.count("Salon d\u2019annonces de la rédaction, pour") == 1
    assert "answer (what changes) in <#2001>" in await told.why()


async def procedure_announced(told: Told) -> None:
    await told.announce(make_notice("26-7", procedure="p:7"))


async def no_longer_followed(told: Told) -> None:
    await procedure_announced(told)
    await told.mute(told.item, timedelta(days=2))
    await told.announce(make_notice("26-1", procedure="p:7", **NOBODYS))


async def not_followed_then(told: Told) -> None:
    await no_longer_followed(told)
    await told.mute(told.item, None)


async def of_a_paused_source(told: Told) -> None:
    await procedure_announced(told)
    await pause(told.database, GUILD, "gazette", PERSON, told.clock.now())
    await told.announce(make_notice("26-1", procedure="p:7", **NOBODYS))


async def read_before_its_procedure_was_announced(told: Told) -> None:
    await told.poll([make_notice("26-1", procedure="p:7", **NOBODYS)])
    await told.announce(make_notice("26-7", procedure="p:7"))


CONTINUATIONS: tuple[tuple[WAY, str, str], ...] = (
    (no_longer_followed, " in <#2001>, but nothing follows it there any more", "plus rien ne l\u2019y suit"),
    (
        not_followed_then,
        " in <#2001>, but nothing followed it there when this notice was read.",
        "rien ne l\u2019y suivait",
    ),
    (of_a_paused_source, " in <#2001>, but the newsroom paused this source. To go on", "mis cette source en pause"),
    (read_before_its_procedure_was_announced, " in <#2001> only after this notice had been read.", "qu\u2019après"),
)


@pytest.mark.parametrize(("way", "english", "french"), CONTINUATIONS, ids=[way.__name__ for way, *_ in CONTINUATIONS])
async def test_what_continues_a_procedure_and_is_not_announced_says_why(
    told: Told, way: WAY, english: str, french: str
) -> None:
    await way(told)
    assert f"[{await told.code(0)}](https://discord.com/channels/1001/2001/" in (said := await told.why())
    assert english in said
    assert french in await told.why(language=Language.FR)


async def test_nothing_sent_says_so(told: Told) -> None:
    await told.poll([make_notice("26-1", **NOBODYS)])
    assert "Nothing of it was sent here." in await told.why()


async def test_of_many_messages_the_newest_are_shown_and_the_others_counted(told: Told) -> None:
    await told.announce(NOTICE)
    for day in range(1, 11):
        await told.announce(make_notice("26-1", deadline=LATER + timedelta(days=day)))
    said = await told.why()
    assert "3 earlier messages" in said
    assert said.count("answer (what changes) in <#2001>") == 8
