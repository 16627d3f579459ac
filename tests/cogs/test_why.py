"""`/why` as people ask it: by code, link or notice; what they are told, and what is never told to another newsroom."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.errors import UserError
from bot.loopback import Choice, Reply
from bot.models import AnnouncementKind, Held, ItemKind, Notice, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.archive import notices as notice_rows
from bot.storage.outbox import announcements, sending
from bot.storage.watching import hits
from bot.watchlist.naming import named
from tests.cogs.house import House, Room, hit
from tests.factories import owed_to_digest

NOTICE = Notice(
    id="26-1",
    source="boamp",
    title="Caméras-piétons",
    text="Achat de caméras-piétons à Axon pour la police",
    url="https://boamp.example/26-1",
)


async def follow(
    house: House, room: Room, name: str = "Caméras-piétons", kind: ItemKind = ItemKind.KEYWORD, **said: tuple[str, ...]
) -> WatchItem:
    return await house.follow(room, None, kind=kind, name=name, **said)


async def hold(house: House, room: Room, item: WatchItem, held: Held) -> None:
    """Store a notice that hits an item of a newsroom, held back."""
    now, notice = house.clock.now(), replace(NOTICE, id="26-7")
    async with house.app.database.tx("test") as connection:
        row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
        await hits.add(
            connection, room.guild.id, hit(notice, item), notice_row=row, revision=1, held=held,
            in_digest=owed_to_digest(held), now=now,
        )  # fmt: skip


async def why(room: Room, notice: str, locale: str | None = None) -> Reply:
    return await room.reporter.slash("why", room.desk, notice=notice, locale=locale)


async def proposed(room: Room, typed: str) -> list[Choice]:
    return await room.reporter.autocomplete("why", option="notice", typed=typed, channel=room.desk)


async def code_of(house: House, room: Room) -> str:
    async with house.app.database.read() as connection:
        return (await announcements.get(connection, room.guild.id, house.announced or 0)).code


async def test_an_announcement_is_explained_by_its_code_its_link_and_its_notices_id(house: House, room: Room) -> None:
    item = await follow(house, room)
    message = await house.announce(room, [item], notice=NOTICE)
    link = f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}"
    code = await code_of(house, room)
    answers = [(await why(room, typed)).text for typed in (code, code.lower(), link, "boamp:26-1", "26-1")]
    assert len(set(answers)) == 1
    assert "**Caméras-piétons** (mot-clé) · Exact" in answers[0]
    assert "Annoncé, ou sur le point de l\u2019être" in answers[0]
    assert f"[{code}]({link})" in answers[0]
    assert f"annonce dans <#{room.desk.id}>\u00a0: envoi du" in answers[0]
    assert "https://boamp.example/26-1" in answers[0]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (Held.WEAK, "à vérifier"),
        (Held.MUTED, "en sourdine"),
        (Held.LATE, "bien avant d\u2019être trouvé"),
        (Held.STORM, "d\u2019un coup pour ce salon"),
        (Held.DIGEST, "réservé au résumé"),
        (Held.DISMISSED, "était écartée"),
        (Held.BASELINE, "n\u2019y correspondait pas encore"),
    ],
)
async def test_a_hit_that_was_held_says_why(house: House, room: Room, held: Held, words: str) -> None:
    item = await follow(house, room)
    await hold(house, room, item, held)
    reply = await why(room, "26-7")
    assert words in reply.text
    assert "Rien n\u2019en a été envoyé ici" in reply.text


async def test_an_item_held_back_by_its_own_condition_is_named(house: House, room: Room) -> None:
    await follow(house, room, "Axon", kind=ItemKind.COMPANY, any_of=("drone",))
    await house.publish(NOTICE)
    reply = await why(room, "26-1")
    assert "**Axon** y figure" in reply.text
    assert "any_of" in reply.text
    assert "drone" in reply.text


async def test_an_item_of_which_a_part_stands_there_says_what_is_missing(house: House, room: Room) -> None:
    await follow(house, room, "caméras ET préfecture")
    await follow(house, room, "Axon Public Safety SAS", kind=ItemKind.COMPANY)
    await house.publish(NOTICE)
    reply = await why(room, "26-1")
    assert "**caméras ET préfecture** n\u2019y correspond pas" in reply.text
    assert "il manque\xa0: préfecture" in reply.text


async def test_an_item_added_since_says_that_it_would_match_today(house: House, room: Room) -> None:
    await house.publish(NOTICE)
    await follow(house, room, "police")
    reply = await why(room, "26-1")
    assert "Correspondrait aujourd\u2019hui" in reply.text
    assert "**police**" in reply.text


async def test_a_notice_that_concerns_nobody_says_so(house: House, room: Room) -> None:
    await house.publish(NOTICE)
    assert "Aucun élément surveillé n\u2019y correspond" in (await why(room, "26-1")).text


async def test_a_removed_item_still_explains_its_hit(house: House, room: Room) -> None:
    item = await follow(house, room)
    await house.announce(room, [item], notice=NOTICE)
    await room.editor.slash("watch remove", room.desk, item="Caméras-piétons")
    assert f"Retiré par <@{room.editor.id}>" in (await why(room, "26-1")).text


async def test_another_newsroom_is_told_nothing_of_this_one(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("Autre"))
    item = await follow(house, room)
    message = await house.announce(room, [item], notice=NOTICE)
    code = await code_of(house, room)
    link = f"https://discord.com/channels/{room.guild.id}/{room.desk.id}/{message.id}"
    assert "ni aucun avis" in (await why(other, code)).text
    assert "pas une annonce de cette rédaction" in (await why(other, link)).text
    told = (await why(other, "26-1")).text
    assert "Aucun élément surveillé" in told
    assert code not in told
    assert str(room.desk.id) not in told
    assert await proposed(other, "") == []


async def test_what_is_typed_wrong_is_refused_in_words(room: Room) -> None:
    assert "A7K3-92QF" in (await why(room, "n'importe quoi")).text
    for link in ("1/2", "99999999999999999999/1", "99999999999999999999"):
        assert "pas une annonce" in (await why(room, f"https://discord.com/channels/{room.guild.id}/{link}")).text


async def test_an_id_of_two_sources_is_asked_back(house: House, room: Room) -> None:
    await house.publish(NOTICE, Notice(id="26-1", source="feed:ville", title="Autre"))
    known = {"boamp", "feed:ville"}
    with pytest.raises(UserError) as refused:
        await named(house.app.database, room.guild.id, "26-1", known)
    assert refused.value.values["candidates"] == ["feed:ville:26-1", "boamp:26-1"]
    rows = [
        await named(house.app.database, room.guild.id, f"{source}:26-1", known) for source in ("BOAMP", "feed:ville")
    ]
    assert rows == [1, 2]


async def test_the_code_of_a_message_that_shows_no_notice_says_how_far_it_is(house: House, room: Room) -> None:
    now = house.app.clock.now()
    async with house.app.database.tx("test") as connection:
        key = AnnouncementKey(
            guild_id=room.guild.id, channel_id=room.operations.id, kind=AnnouncementKind.OPERATIONS, subject="x"
        )
        owed = await announcements.owe(connection, key, now=now + timedelta(hours=1), details={})
        code = (await announcements.get(connection, room.guild.id, owed or 0)).code
        await sending.set_aside(connection, owed or 0, "no reason")
    reply = await why(room, code)
    assert "message technique" in reply.text
    assert "mise de côté" in reply.text


async def test_a_link_to_a_message_in_a_thread_or_to_the_thread_leads_to_the_notice(house: House, room: Room) -> None:
    item = await follow(house, room)
    message = await house.announce(room, [item], notice=NOTICE)
    first = (await why(room, "26-1")).text
    async with house.app.database.tx("test") as connection:
        await connection.run(
            """
            INSERT INTO announcement (guild_id, channel_id, kind, subject, revision, follows, details, code, nonce,
                state, created_at, first_try_at, history_from, next_try_at, sent_at, thread_id, message_id,
                due_revision)
            SELECT guild_id, channel_id, 'deadline', 'p', 1, id, '{"deadline": "2026-12-10"}', 'AAAA-BBBB',
                substr(nonce, 1, 24) || '!', 'sent', created_at, created_at, 1, created_at, created_at, ?, 555, 1
            FROM announcement
            """,
            message.id,
        )
    guild = room.guild.id
    for link in (f"{guild}/{message.id}", f"{guild}/{message.id}/555", f"{guild}/{room.desk.id}/{message.id}"):
        text = (await why(room, f"https://discord.com/channels/{link}")).text
        assert first.splitlines()[1] in text
        assert f"fil <#{message.id}>" in text


async def test_a_link_to_a_forum_post_leads_to_the_notice(house: House, room: Room) -> None:
    item = await follow(house, room)
    message = await house.announce(room, [item], notice=NOTICE)
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE announcement SET thread_id = message_id")
    for link in (f"{room.guild.id}/{message.id}", f"{room.guild.id}/{message.id}/{message.id}"):
        assert "https://boamp.example/26-1" in (await why(room, f"https://discord.com/channels/{link}")).text


async def test_a_thread_of_ours_that_another_newsroom_names_is_unknown(house: House, room: Room) -> None:
    other = await house.newsroom(house.guild("Autre"))
    item = await follow(house, room)
    message = await house.announce(room, [item], notice=NOTICE)
    async with house.app.database.tx("test") as connection:
        await connection.run("UPDATE announcement SET thread_id = message_id")
    for guild in (room.guild.id, other.guild.id):
        text = (await why(other, f"https://discord.com/channels/{guild}/{message.id}")).text
        assert "pas une annonce de cette rédaction" in text


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (AnnouncementKind.OPERATIONS, "`/source liste`"),
        (AnnouncementKind.STORM, "d\u2019un coup pour ce salon (plus de 20)"),
        (AnnouncementKind.REMINDER, "un rappel à une seule personne"),
    ],
)
async def test_a_message_that_shows_no_notice_says_what_it_is_and_where_to_look(
    house: House, room: Room, kind: AnnouncementKind, words: str
) -> None:
    key = AnnouncementKey(guild_id=room.guild.id, channel_id=room.desk.id, kind=kind, subject="x")
    later = house.app.clock.now() + timedelta(hours=1)
    async with house.app.database.tx("test") as connection:
        owed = await announcements.owe(connection, key, now=later, held_until=later)
        code = (await announcements.get(connection, room.guild.id, owed or 0)).code
    text = (await why(room, code.replace("-", ""))).text
    assert words in text
    assert "(heures calmes)" in text


async def test_the_card_of_a_fact_and_of_a_tip_say_which_and_where_to_read_it(house: House, room: Room) -> None:
    await house.log_of(room)
    await room.reporter.slash("tip add", room.desk, text="Un marché se prépare")
    await room.reporter.slash("fact add", room.desk, claim="Axon a livré", source="https://a.example/1")
    tip, fact = await house.cards(room)
    assert "C\u2019est la fiche du tuyau 1. Pour la lire\u00a0: `/tuyau voir`." in (await why(room, tip.code)).text
    assert "C\u2019est la fiche du fait 1." in (await why(room, fact.code)).text


async def test_a_digests_code_says_how_to_ask_for_one_of_its_notices(house: House, room: Room) -> None:
    item = await follow(house, room)
    await house.hold(room, item, "26-7")
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="08:30")
    await room.editor.slash("digest now", room.desk, digest="1")
    async with house.app.database.read() as connection:
        [row] = await connection.all("SELECT code FROM announcement WHERE kind = 'digest'")
    assert "`/pourquoi` avec son numéro ou son adresse" in (await why(room, row["code"])).text
    assert row["code"] in (await why(room, "26-7")).text


async def test_the_last_announced_notices_are_proposed_by_code_and_title(house: House, room: Room) -> None:
    item = await follow(house, room)
    await house.announce(room, [item], notice=NOTICE)
    code = await code_of(house, room)
    for typed in ("", code[:3].lower(), "caméras", "26-1"):
        (choice,) = await proposed(room, typed)
        assert choice.value == code
        assert "Caméras-piétons" in choice.name
    assert await proposed(room, "radar") == []


async def test_it_is_refused_to_who_has_no_role(house: House, room: Room) -> None:
    await house.publish(NOTICE)
    assert "Caméras" not in (await room.stranger.slash("why", room.desk, notice="26-1")).text


async def test_the_longest_explanation_stays_within_what_discord_takes(house: House, room: Room) -> None:
    words = [f"mot{number}" + "x" * 60 for number in range(40)]
    long = Notice(
        id="26-9", source="boamp", title="*_`" * 200, text=" ".join(words), url="https://x.example/" + "a" * 900
    )
    items = [await follow(house, room, word) for word in words[:12]]
    for word in words[12:]:
        await follow(house, room, f"{word} ET absent")
    await house.announce(room, items, notice=long)
    reply = await why(room, "26-9")
    said = reply.embeds[0]["description"]
    assert len(said) <= 4_096
    assert not said.endswith("…")
    hits = sum(line.startswith("**mot") and "n\u2019y correspond" not in line for line in said.splitlines())
    assert 0 < hits < 12
    assert f"\n{12 - hits} autres" in said


async def test_it_answers_in_the_persons_language(house: House, room: Room) -> None:
    item = await follow(house, room)
    await hold(house, room, item, Held.MUTED)
    assert "the item was muted" in (await why(room, "26-7", locale="en-GB")).text


async def test_the_first_reading_of_a_source_is_said(house: House, room: Room) -> None:
    async with house.app.database.tx("test") as connection:
        await notice_rows.add(connection, NOTICE, "hash", 1, now=house.clock.now(), is_baseline=True)
    assert "première lecture de la source" in (await why(room, "26-1")).text


async def test_a_hit_of_an_item_that_was_changed_since_says_so(house: House, room: Room) -> None:
    item = await follow(house, room)
    await hold(house, room, item, Held.MUTED)
    assert "Ne correspond plus" not in (await why(room, "26-7")).text
    await room.editor.slash("watch edit", room.desk, item=str(item.id), name="radar")
    assert "Ne correspond plus\u00a0: l\u2019élément a été modifié" in (await why(room, "26-7")).text


async def test_what_was_sent_stands_before_the_hits(house: House, room: Room) -> None:
    items = [await follow(house, room, f"police OU {letter * 80}") for letter in "abcdefghijkl"]
    await house.announce(room, items, notice=NOTICE)
    text = (await why(room, "26-1")).text
    assert 0 < text.index("envoi du") < text.index("**police")


async def test_near_misses_beyond_those_shown_are_counted(house: House, room: Room) -> None:
    for number in range(8):
        await follow(house, room, f"police OU zone{number}", any_of=(f"drone{number}",))
    await house.publish(NOTICE)
    text = (await why(room, "26-1")).text
    assert text.count("ne compte pas") == 5
    assert "\n3 autres" in text


async def test_the_bare_brand_of_a_long_name_is_told_among_many_items(house: House, room: Room) -> None:
    await follow(house, room, "Axon Public Safety Systems SAS", kind=ItemKind.COMPANY)
    await house.publish(NOTICE)
    text = (await why(room, "26-1")).text
    assert "**Axon Public Safety Systems SAS** n\u2019y correspond pas" in text
    assert "un nom long ne trouve pas le nom court" in text


async def test_what_a_query_excludes_is_not_called_by_an_option(house: House, room: Room) -> None:
    await follow(house, room, "caméras SAUF police")
    await house.publish(NOTICE)
    text = (await why(room, "26-1")).text
    assert "la requête exclut ce qui y est aussi\u00a0: police" in text
    assert "none_of" not in text
