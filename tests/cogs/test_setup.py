from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot.loopback import PersonCannot, Platform, Reply
from bot.models import AnnouncementState, QuietDays
from bot.setting_up import ChannelPermission, permissions_needed
from bot.storage import newsrooms
from bot.storage.outbox import announcements
from cogs._sender import NEEDED, NEEDED_IN_FORUM
from tests.cogs.house import House, Room, settings_of, values_of

MORE = "Autres réglages"


async def test_the_first_setup_makes_a_newsroom_with_the_configured_defaults(house: House) -> None:
    room = house.guild()
    await room.administrator.slash("setup", room.desk)
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.language, newsroom.timezone) == ("fr", "Europe/Paris")


async def test_setup_keeps_what_is_not_given(house: House, room: Room) -> None:
    before = await house.newsroom_row(room)
    await room.administrator.slash("setup", room.desk, language="en")
    after = await house.newsroom_row(room)
    assert before is not None
    assert after is not None
    assert after.language == "en"
    assert after.announcements_channel == before.announcements_channel == room.desk.id
    assert (after.reporter_role, after.editor_role) == (room.reporter_role.id, room.editor_role.id)


async def test_setup_shows_the_settings_in_private(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk)
    assert reply.ephemeral
    for shown in (f"<#{room.desk.id}>", f"<#{room.operations.id}>", f"<@&{room.reporter_role.id}>", "Europe/Paris"):
        assert shown in reply.text


async def test_setup_says_what_is_missing(house: House) -> None:
    room = house.guild()
    reply = await room.administrator.slash("setup", room.desk)
    for command in ("/réglages annonces", "/réglages technique", "/réglages reporter"):
        assert command in reply.text


async def test_setup_has_nothing_left_to_say_once_all_is_there(room: Room) -> None:
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="8")
    reply = await room.administrator.slash("setup", room.desk)
    assert "Il reste à faire" not in reply.text


async def test_setup_says_that_what_is_held_is_told_nowhere_without_a_digest(house: House, room: Room) -> None:
    words = f"Aucun résumé n\u2019est planifié dans <#{room.desk.id}>\u00a0: ce qui est retenu"
    await house.dossier(room, "Caméras")
    elsewhere = room.guild.add_channel("veille")
    for given in ({"channel": elsewhere}, {"channel": room.desk, "dossier": "caméras"}):
        await room.editor.slash("digest schedule", room.desk, every="daily", at="8", **given)
    assert words in (await room.administrator.slash("setup", room.desk)).text
    await room.editor.slash("digest schedule", room.desk, every="daily", at="8", channel=room.desk)
    assert words not in (await room.administrator.slash("setup", room.desk)).text
    moved = await room.administrator.slash("setup", room.desk, announcements=room.operations)
    assert f"Aucun résumé n\u2019est planifié dans <#{room.operations.id}>" in moved.text


async def test_without_an_announcements_channel_setup_speaks_of_no_digest(house: House) -> None:
    room = house.guild()
    reply = await room.administrator.slash("setup", room.desk)
    assert "Aucun résumé" not in reply.text


async def test_every_reply_of_setup_begins_with_where_the_identity_of_a_source_has_no_place(room: Room) -> None:
    words = "**Discord n\u2019est pas l\u2019endroit où écrire l\u2019identité d\u2019une source"
    reply = await room.administrator.slash("setup", room.desk)
    changed = await room.administrator.slash("setup", room.desk, language="fr")
    form = await room.administrator.click(reply, label=MORE)
    sent = await room.administrator.submit(form, {"storm": "7"})
    for one in (reply, changed, sent):
        assert one.embeds[0]["description"].startswith(words)
        assert "SecureDrop, GlobaLeaks ou une rencontre" in one.embeds[0]["description"]


async def test_a_reply_is_in_the_language_of_the_person(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk, locale="en-GB")
    assert "Settings of the newsroom" in reply.text


async def test_a_reply_is_in_the_newsrooms_language_for_a_person_of_another_one(room: Room) -> None:
    await room.administrator.slash("setup", room.desk, language="en")
    reply = await room.administrator.slash("setup", room.desk, locale="de")
    assert "Settings of the newsroom" in reply.text


@pytest.mark.parametrize("permission", ChannelPermission)
async def test_each_permission_that_the_bot_lacks_is_named(house: House, permission: ChannelPermission) -> None:
    room = house.guild()
    elsewhere = room.guild.add_channel("ailleurs")
    await room.administrator.slash("setup", elsewhere, announcements=room.desk)
    async with house.app.database.tx("test.threads") as connection:
        await connection.run("UPDATE newsroom SET threads = 1")
    room.desk.deny_bot(permission.value)
    reply = await room.administrator.slash("setup", elsewhere, announcements=room.desk)
    words = {
        "view_channel": "Voir le salon",
        "send_messages": "Envoyer des messages",
        "embed_links": "Intégrer des liens",
        "read_message_history": "Voir les anciens messages",
        "create_public_threads": "Créer des fils publics",
        "send_messages_in_threads": "Envoyer des messages dans les fils",
    }
    assert words[permission.value] in reply.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.announcements_channel == room.desk.id


async def test_the_channel_of_the_command_is_judged_by_what_the_interaction_says(house: House) -> None:
    room = house.guild()
    room.desk.deny_bot("embed_links")
    reply = await room.administrator.slash("setup", room.desk, announcements=room.desk)
    assert "Intégrer des liens" in reply.text


async def test_a_channel_that_is_gone_is_named(room: Room) -> None:
    elsewhere = room.guild.add_channel("ailleurs")
    gone = room.desk.id
    room.desk.delete()
    reply = await room.administrator.slash("setup", elsewhere)
    assert f"<#{gone}> n\u2019existe plus" in reply.text


def test_what_setup_looks_for_is_what_the_sender_needs() -> None:
    for needed, is_forum in ((NEEDED, False), (NEEDED_IN_FORUM, True)):
        looked_for = permissions_needed(is_forum=is_forum, has_threads=False)
        assert all(getattr(needed, permission) for permission in looked_for)
        assert sum(1 for _, is_needed in needed if is_needed) == len(looked_for)


async def test_a_forum_where_the_bot_may_not_write_in_posts_is_named(house: House) -> None:
    room = house.guild()
    forum = room.guild.add_channel("forum", kind=15)
    forum.deny_bot("send_messages_in_threads", "create_public_threads")
    reply = await room.administrator.slash("setup", room.desk, announcements=forum)
    assert "Envoyer des messages dans les fils" in reply.text
    assert "Créer des fils publics" not in reply.text


@pytest.mark.parametrize("kind", [5, 15])
async def test_a_news_channel_and_a_forum_can_be_chosen(house: House, kind: int) -> None:
    room = house.guild()
    channel = room.guild.add_channel("dépêches", kind=kind)
    await room.administrator.slash("setup", room.desk, announcements=channel)
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.announcements_channel == channel.id
    async with house.app.database.read() as connection:
        assert await newsrooms.is_forum(connection, room.guild.id, channel.id) is (kind == 15)


async def test_a_forum_cannot_be_chosen_for_operations(house: House) -> None:
    room = house.guild()
    forum = room.guild.add_channel("forum", kind=15)
    with pytest.raises(PersonCannot):
        await room.administrator.slash("setup", room.desk, operations=forum)


async def test_everyone_is_refused_as_a_role(house: House) -> None:
    room = house.guild()
    reply = await room.administrator.slash("setup", room.desk, reporter=room.guild.everyone)
    assert "tout le serveur" in reply.text
    assert await house.newsroom_row(room) is None


async def test_time_zones_are_proposed_by_city(room: Room) -> None:
    proposed = await room.administrator.autocomplete("setup", option="timezone", typed="new york", channel=room.desk)
    assert [choice.value for choice in proposed] == ["America/New_York"]


async def test_time_zones_are_never_proposed_more_than_25_at_a_time(room: Room) -> None:
    proposed = await room.administrator.autocomplete("setup", option="timezone", typed="america", channel=room.desk)
    assert len(proposed) == 25


async def test_a_typed_time_zone_is_read_whatever_its_case(house: House, room: Room) -> None:
    await room.administrator.slash("setup", room.desk, timezone="europe/BRUSSELS")
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert newsroom.timezone == "Europe/Brussels"


async def test_an_unknown_time_zone_is_refused_and_changes_nothing(house: House, room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk, timezone="Mars/Olympus", language="en")
    assert "Mars/Olympus" in reply.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.timezone, newsroom.language) == ("Europe/Paris", "fr")


async def test_what_the_former_channel_does_not_have_goes_to_the_new_one(house: House, room: Room) -> None:
    room.desk.deny_bot("send_messages")
    item = await house.follow(room, kind="keyword", name="caméra-piéton")
    with pytest.raises(TimeoutError):
        await _announced_within(house, room, item, timeout=0.3)
    elsewhere = room.guild.add_channel("ailleurs")
    await room.administrator.slash("setup", elsewhere, announcements=elsewhere)
    message = await elsewhere.wait_for(lambda message: "Caméras-piétons" in str(message.embeds))
    assert message is not None


async def test_a_parked_channel_that_is_given_again_is_tried_again(
    house: House, room: Room, platform: Platform
) -> None:
    del platform
    room.desk.deny_bot("send_messages")
    item = await house.follow(room, kind="keyword", name="caméra-piéton")
    with pytest.raises(TimeoutError):
        await _announced_within(house, room, item, timeout=0.3)
    async with house.app.database.read() as connection:
        assert room.desk.id in await newsrooms.parked(connection, room.guild.id)
    room.desk.overwrites = []  # without an event: only the command can tell
    await room.administrator.slash("setup", room.desk, announcements=room.desk)
    await room.desk.wait_for(lambda message: "Caméras-piétons" in str(message.embeds))
    async with house.app.database.read() as connection:
        announcement = await announcements.get(connection, room.guild.id, house.announced)
    assert announcement.state in {AnnouncementState.SENT, AnnouncementState.SENDING}


async def _announced_within(house: House, room: Room, item: object, timeout: float) -> None:  # noqa: ASYNC109
    async with asyncio.timeout(timeout):
        await house.announce(room, [item])  # type: ignore[list-item]


# --- the rarer settings ---


async def more(room: Room) -> Reply:
    """Open the form of the rarer settings as the administrator."""
    return await room.administrator.click(await room.administrator.slash("setup", room.desk), label=MORE)


async def rarer(house: House, room: Room) -> tuple[QuietDays, int]:
    """Return the rarer settings of digests and announcements that are stored."""
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    return newsroom.quiet_days, newsroom.storm


async def of_the_log(house: House, room: Room) -> tuple[bool, int | None]:
    """Return the rarer settings of facts and tips that are stored."""
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    return newsroom.second_source, newsroom.retention_days


async def test_setup_shows_the_rarer_settings_too(room: Room) -> None:
    reply = await room.administrator.slash("setup", room.desk)
    assert "**Résumé sans rien de nouveau\u00a0:** le dit en une ligne" in reply.text
    assert "**Au-delà de 20 correspondances par relevé et par salon\u00a0:** un seul message" in reply.text
    english = await room.administrator.slash("setup", room.desk, locale="en-GB")
    assert "**Digest without news:** says so in one line" in english.text
    assert "**Beyond 20 hits per poll and channel:** a single message" in english.text


async def test_the_rarer_settings_are_changed_by_a_form_that_shows_those_that_stand(house: House, room: Room) -> None:
    form = await more(room)
    standing = {"second_source": "yes", "retention_days": "90"}
    assert values_of(form) == {"quiet_days": "say", "storm": "20", **standing}
    reply = await room.administrator.submit(form, {"quiet_days": ["silent"], "storm": "1\u202f000"})
    assert reply.ephemeral
    assert "**Résumé sans rien de nouveau\u00a0:** reste silencieux" in reply.text
    assert "Au-delà de 1\u202f000 correspondances" in reply.text
    assert await rarer(house, room) == (QuietDays.SILENT, 1_000)
    changed = {"quiet_days": "silent", "storm": "1000", **standing}
    assert values_of(await room.administrator.click(reply, label=MORE)) == changed


async def test_the_form_leaves_the_other_settings_as_they_were_and_setup_leaves_the_rarer_ones(
    house: House, room: Room
) -> None:
    form = await more(room)
    await room.administrator.slash("setup", room.desk, timezone="Europe/Brussels")
    await room.administrator.submit(form, {"storm": "7"})
    await room.administrator.slash("setup", room.desk, language="en")
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.timezone, newsroom.language, newsroom.storm) == ("Europe/Brussels", "en", 7)
    assert newsroom.announcements_channel == room.desk.id


@pytest.mark.parametrize("typed", ["0", "1001", "vingt", "-1", "1.5", "1" * 20])
async def test_a_storm_brake_that_is_none_is_refused_with_the_way_back(house: House, room: Room, typed: str) -> None:
    refused = await room.administrator.submit(await more(room), {"quiet_days": ["silent"], "storm": typed})
    assert "un nombre entier de 1 à 1\u202f000\u202f;" in refused.text
    assert "reste silencieux" in refused.text
    assert await rarer(house, room) == (QuietDays.SAY, 20)
    again = await room.administrator.click(refused, label="Rouvrir le formulaire")
    assert {"quiet_days": "silent", "storm": typed}.items() <= values_of(again).items()
    await room.administrator.submit(again, {"storm": "1000"})
    assert await rarer(house, room) == (QuietDays.SILENT, 1_000)


async def test_the_form_asks_for_a_second_source_and_for_how_long_tips_are_kept_unasked(
    house: House, room: Room
) -> None:
    shown = (await room.administrator.slash("setup", room.desk)).text
    assert "**Pour vérifier un fait\u00a0:** deux sources d\u2019origines différentes" in shown
    assert "**Tuyaux sans nouvelles\u00a0:** après 90 jours, Vigie demande s\u2019il faut les garder" in shown
    reply = await room.administrator.submit(await more(room), {"second_source": ["no"], "retention_days": ""})
    assert "une source suffit" in reply.text
    assert "sans que Vigie demande rien" in reply.text
    assert await of_the_log(house, room) == (False, None)
    await room.administrator.submit(await more(room), {"second_source": ["yes"], "retention_days": " 30 "})
    assert await of_the_log(house, room) == (True, 30)


@pytest.mark.parametrize("typed", ["0", "3651", "jamais"])
async def test_a_number_of_days_that_is_none_is_refused_with_the_way_back(house: House, room: Room, typed: str) -> None:
    refused = await room.administrator.submit(await more(room), {"second_source": ["no"], "retention_days": typed})
    assert "un nombre entier de 1 à 3\u202f650, ou rien du tout" in refused.text
    assert await of_the_log(house, room) == (True, 90)
    again = await room.administrator.click(refused, label="Rouvrir le formulaire")
    assert {"second_source": "no", "retention_days": typed}.items() <= values_of(again).items()


async def test_the_form_of_the_rarer_settings_leaves_room_for_one_more_field(room: Room) -> None:
    assert len(values_of(await more(room))) <= 4


async def test_a_form_of_settings_that_is_sent_twice_stores_once(house: House, room: Room) -> None:
    form = await more(room)
    await room.administrator.submit(form, {"storm": "5"})
    again = await room.administrator.submit(form, {"storm": "6"})
    assert "déjà" in again.text
    assert await rarer(house, room) == (QuietDays.SAY, 5)


async def test_the_button_of_the_rarer_settings_works_after_a_restart(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        room = await house.newsroom(house.guild())
        reply = await room.administrator.slash("setup", room.desk)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        form = await room.administrator.click(reply, label=MORE)
    house = House(platform, settings_of(tmp_path))
    async with house.running(delivers=False):
        await room.administrator.submit(form, {"storm": "9"})
        assert await rarer(house, room) == (QuietDays.SAY, 9)


async def test_one_who_no_longer_manages_the_server_neither_opens_nor_sends_the_form(house: House, room: Room) -> None:
    settings = await room.administrator.slash("setup", room.desk)
    form = await room.administrator.click(settings, label=MORE)
    room.administrator.granted = 0
    room.administrator.roles.append(room.editor_role)
    assert "gère le serveur" in (await room.administrator.click(settings, label=MORE)).text
    assert "gère le serveur" in (await room.administrator.submit(form, {"storm": "3"})).text
    assert await rarer(house, room) == (QuietDays.SAY, 20)


# --- the settings of announcing ---

ANNOUNCING = "Annonces"


async def announcing(room: Room) -> Reply:
    """Open the form on announcing as the administrator."""
    return await room.administrator.click(await room.administrator.slash("setup", room.desk), label=ANNOUNCING)


async def test_the_settings_of_announcing_are_changed_by_a_form_that_shows_those_that_stand(
    house: House, room: Room
) -> None:
    form = await announcing(room)
    assert values_of(form) == {"threads": "no", "quiet_hours": "", "deadline_days": "3", "award_days": "90"}
    typed = {"threads": ["yes"], "quiet_hours": "22h \u2013 7h", "deadline_days": "", "award_days": "30"}
    reply = await room.administrator.submit(form, typed)
    assert reply.ephemeral
    for shown in (
        "**Suites d\u2019une procédure\u00a0:** dans un fil",
        "**Heures calmes\u00a0:** de 22:00 à 07:00",
        "**Rappel avant une date limite\u00a0:** jamais",
        "**Alerte si aucune attribution n\u2019est publiée\u00a0:** 30 jours après la date limite",
    ):
        assert shown in reply.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert (newsroom.threads, newsroom.quiet_from, newsroom.quiet_until) == (True, "22:00", "07:00")
    assert (newsroom.deadline_days, newsroom.award_days) == (None, 30)
    again = values_of(await room.administrator.click(reply, label=ANNOUNCING))
    assert again == {"threads": "yes", "quiet_hours": "22:00-07:00", "deadline_days": "", "award_days": "30"}


async def test_quiet_hours_that_cannot_be_read_are_refused_with_the_way_back(house: House, room: Room) -> None:
    refused = await room.administrator.submit(await announcing(room), {"threads": ["yes"], "quiet_hours": "la nuit"})
    assert "Les heures calmes s\u2019écrivent" in refused.text
    newsroom = await house.newsroom_row(room)
    assert newsroom is not None
    assert not newsroom.threads
    back = await room.administrator.click(refused, label="Rouvrir le formulaire")
    assert {"threads": "yes", "quiet_hours": "la nuit"}.items() <= values_of(back).items()
