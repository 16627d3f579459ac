"""*Not this one*: under announcements and in `/watch hits`, with its way back, whoever presses it and when."""

from __future__ import annotations

import asyncio
import csv
import io
from pathlib import Path

import pytest

from bot.access import Action
from bot.loopback import Member, Message, Platform, Reply
from bot.loopback.replies import text_of
from bot.matching import Matcher
from bot.models import Held, InDigest, ItemKind, Notice, WatchItem
from bot.reference import AnnouncementKey
from bot.storage.archive import notices as notice_rows
from bot.storage.outbox import announcements
from bot.storage.outbox.announcements import AnnouncementKind
from bot.storage.watching import dismissals, hits, watchlist
from bot.storage.watching.dismissals import Counted
from cogs._not_this_one import COMPONENTS
from tests.cogs.house import House, Room, settings_of, shown

NOT_THIS = "Ce n\u2019est pas ça"
COPCO = "Ce nom\u00a0: Atlas Copco France"
SERIES = "Cette série d\u2019avis"


@pytest.fixture
async def atlas(house: House, room: Room) -> WatchItem:
    return await house.follow(room, kind=ItemKind.COMPANY, name="Atlas")


async def announce(
    house: House, room: Room, *items: WatchItem, text: str = "avec Atlas Copco France", number: int = 1
) -> Message:
    """Announce a notice that hits these items where the matcher finds them; return the message."""
    now, guild_id = house.clock.now(), room.guild.id
    notice = Notice(id=f"26-{number}", source="boamp", title=f"Avis {number}", text=text, procedure=f"p-{number}")
    async with house.app.database.tx("test") as connection:
        row = await notice_rows.add(connection, notice, "hash", 1, now=now, is_baseline=False)
        key = AnnouncementKey(
            guild_id=guild_id, channel_id=room.desk.id, kind=AnnouncementKind.NOTICE, subject=f"boamp:{notice.id}"
        )
        owed = await announcements.owe(connection, key, now=now, thing_id=row)
        assert owed is not None
        for found in Matcher(items).find_apart(notice):
            hit = await hits.add(
                connection, guild_id, found.hit, notice_row=row, revision=1, held=None, in_digest=InDigest.DUE,
                now=now, standings=found.standings,
            )  # fmt: skip
            await announcements.link(connection, guild_id, owed, hit)
        code = (await announcements.get(connection, guild_id, owed)).code
    house.app.delivery.wake()
    message = await room.desk.wait_for(lambda message: code in str(message.embeds))
    await house.noted(owed)
    return message


async def hold(house: House, room: Room, item: WatchItem, number: int, text: str = "avec Atlas Copco France") -> None:
    """Store a notice that hits an item where it was dismissed, as the pipeline does."""
    notice = Notice(id=f"26-{number}", source="boamp", title=f"Avis {number}", text=text)
    async with house.app.database.tx("test") as connection:
        row = await notice_rows.add(connection, notice, "hash", 1, now=house.clock.now(), is_baseline=False)
        [found] = Matcher([item]).find_apart(notice)
        await hits.add(
            connection, room.guild.id, found.hit, notice_row=row, revision=1, held=Held.DISMISSED,
            in_digest=InDigest.DUE, now=house.clock.now(), standings=found.standings,
        )  # fmt: skip


async def standing(house: House, room: Room, item: WatchItem) -> list[Counted]:
    async with house.app.database.read() as connection:
        return await dismissals.listed(connection, room.guild.id, item.id or 0, 50)


async def pressed(member: Member, message: Message | Reply, meant: str = COPCO) -> Reply:
    asked = await member.click(message, label=NOT_THIS)
    return await member.click(asked, label=meant)


async def test_it_asks_in_private_what_is_meant_and_explains_both(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    reply = await room.reporter.click(message, label=NOT_THIS)
    assert reply.ephemeral
    assert reply.buttons == [COPCO, SERIES]
    assert "**Atlas** se trouve ici dans un autre nom" in reply.text
    assert "partout où Atlas n\u2019apparaît que dans ce nom" in reply.text
    assert "ses modifications et ses résultats" in reply.text
    assert await standing(house, room, atlas) == []


@pytest.mark.parametrize(("meant", "name"), [(COPCO, "Atlas Copco France"), (SERIES, "Avis 1")])
async def test_what_is_meant_is_remembered_and_the_message_shows_it(
    house: House, room: Room, atlas: WatchItem, meant: str, name: str
) -> None:
    message = await announce(house, room, atlas)
    reply = await pressed(room.reporter, message, meant)
    assert "C\u2019est noté" in reply.text
    assert reply.buttons == ["Annuler"]
    [said] = await standing(house, room, atlas)
    assert (said.dismissal.name, said.dismissal.made_by) == (name, room.reporter.id)
    seen = await shown(room.desk, "Écartée", "rien à voir avec Atlas", "~~")
    assert seen.id == message.id
    assert str(room.reporter.id) not in str(seen.embeds)


async def test_undone_the_message_shows_the_hit_again(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    before = text_of(message)
    reply = await pressed(room.reporter, message)
    await shown(room.desk, "Écartée")
    undone = await room.reporter.click(reply, label="Annuler")
    assert "C\u2019est annulé" in undone.text
    assert undone.buttons == []
    assert await standing(house, room, atlas) == []
    await room.desk.wait_for(lambda message: text_of(message) == before)


async def test_where_the_name_stands_alone_only_the_series_can_be_meant(
    house: House, room: Room, atlas: WatchItem
) -> None:
    message = await announce(house, room, atlas, text="avec Atlas SAS")
    reply = await room.reporter.click(message, label=NOT_THIS)
    assert "seule la série d\u2019avis" in reply.text
    assert reply.buttons == ["Annuler"]
    [said] = await standing(house, room, atlas)
    assert said.dismissal.organisation_key is None


async def test_a_hit_that_stands_elsewhere_too_stays_and_is_shown_there(
    house: House, room: Room, atlas: WatchItem
) -> None:
    message = await announce(house, room, atlas, text="avec Atlas Copco France, puis avec Atlas Sud")
    asked = await room.reporter.click(message, label=NOT_THIS)
    assert asked.buttons == [COPCO, "Ce nom\u00a0: Atlas Sud", SERIES]
    reply = await room.reporter.click(asked, label=COPCO)
    assert "reste une correspondance" in reply.text
    await room.desk.wait_for(lambda message: "(2" not in text_of(message) and "Sud" in text_of(message))
    assert (await room.reporter.click(message, label=NOT_THIS)).buttons == ["Ce nom\u00a0: Atlas Sud", SERIES]


async def test_with_several_items_it_first_asks_which_and_only_that_one_is_struck(
    house: House, room: Room, atlas: WatchItem
) -> None:
    other = await house.follow(room, kind=ItemKind.KEYWORD, name="drone")
    message = await announce(house, room, atlas, other, text="avec Atlas Copco France, un drone")
    reply = await room.reporter.click(message, label=NOT_THIS)
    asked = await room.reporter.select(reply, "not-this-which", ["Atlas"])
    assert asked.buttons == [COPCO, SERIES]
    await room.reporter.click(asked, label=COPCO)
    seen = await shown(room.desk, "~~", "n\u2019est pas cet élément")
    assert "rien à voir avec Atlas" not in text_of(seen)
    assert await standing(house, room, other) == []


async def test_two_people_who_press_at_once_say_it_once(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    asked = [await person.click(message, label=NOT_THIS) for person in (room.reporter, room.editor)]
    replies = await asyncio.gather(
        *(person.click(one, label=COPCO) for person, one in zip((room.reporter, room.editor), asked, strict=True))
    )
    assert len(await standing(house, room, atlas)) == 1
    assert sorted("déjà écarté" in reply.text for reply in replies) == [False, True]
    undone = [
        await person.click(one, label="Annuler")
        for person, one in zip((room.reporter, room.editor), replies, strict=True)
    ]
    assert ["déjà annulé" in reply.text for reply in undone] == [False, True]


async def test_pressed_again_it_says_who_had_said_it_and_offers_the_way_back(
    house: House, room: Room, atlas: WatchItem
) -> None:
    message = await announce(house, room, atlas)
    await pressed(room.reporter, message)
    reply = await room.editor.click(message, label=NOT_THIS)
    assert f"déjà écarté pour **Atlas**, par <@{room.reporter.id}>" in reply.text
    assert reply.buttons == ["Annuler"]


async def test_each_step_works_after_a_restart_before_anything_is_sent(platform: Platform, tmp_path: Path) -> None:
    house = House(platform, settings_of(tmp_path))
    async with house.running():
        room = await house.newsroom(house.guild())
        atlas = await house.follow(room, kind=ItemKind.COMPANY, name="Atlas")
        message = await announce(house, room, atlas)
    reply: Message | Reply = message
    for label in (NOT_THIS, COPCO, "Annuler"):
        house = House(platform, settings_of(tmp_path))
        async with house.running(delivers=False):
            reply = await room.reporter.click(reply, label=label)
    assert "C\u2019est annulé" in reply.text


async def test_an_item_removed_meanwhile_is_said_and_nothing_noted(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    asked = await room.reporter.click(message, label=NOT_THIS)
    async with house.app.database.tx("test") as connection:
        await watchlist.remove(connection, room.guild.id, atlas.id or 0, 7, house.clock.now())
    assert "n\u2019est plus surveillé" in (await room.reporter.click(asked, label=COPCO)).text
    assert "ne sont plus surveillés" in (await room.reporter.click(message, label=NOT_THIS)).text
    assert await standing(house, room, atlas) == []


async def test_a_stranger_and_another_newsroom_change_nothing(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    asked = await room.reporter.click(message, label=NOT_THIS)
    done = await room.reporter.click(asked, label=COPCO)
    [said] = await standing(house, room, atlas)
    other = await house.newsroom(house.guild("L\u2019Autre"))
    theirs = await house.follow(other, kind=ItemKind.COMPANY, name="Atlas")
    copied = await announce(house, other, theirs, number=2)
    hit_row = 1
    forged = [
        f"not-this-meant:{hit_row}:series",
        f"not-this-undo:{said.dismissal.id}",
        f"watch-dismissed:{atlas.id}:first",
    ]
    for custom_id in forged:
        copied.components[0]["components"][0]["custom_id"] = custom_id
        refused = await other.administrator.click(copied, custom_id=custom_id)
        assert "n\u2019est plus surveillé" in refused.text, custom_id
    assert "rôle de la rédaction" in (await room.stranger.click(message, label=NOT_THIS)).text
    room.reporter.roles.clear()
    assert "rôle de la rédaction" in (await room.reporter.click(done, label="Annuler")).text
    assert await standing(house, room, atlas) == [said]


def test_every_step_asks_for_the_action_of_dismissing() -> None:
    assert {component.action for component in COMPONENTS} == {Action.WATCH_DISMISS}


async def test_hits_are_marked_dismissed_and_undone_in_their_list(house: House, room: Room, atlas: WatchItem) -> None:
    await announce(house, room, atlas)
    await announce(house, room, atlas, text="avec Atlas", number=2)
    listed = await room.reporter.slash("watch hits", room.desk, item="Atlas")
    asked = await room.reporter.select(listed, "not-this-hit", ["2. Avis 1"])
    assert asked.ephemeral
    await room.reporter.click(asked, label=COPCO)
    await hold(house, room, atlas, 3)
    listed = await room.reporter.slash("watch hits", room.desk, item="Atlas")
    assert listed.text.count("**écartée** (nom «\u00a0Atlas Copco France\u00a0»)") == 2
    assert "retenue\u00a0: elle était écartée" in listed.text
    assert "1 mise à l\u2019écart" in listed.buttons
    page = await room.reporter.click(listed, label="1 mise à l\u2019écart")
    assert "1. nom «\u00a0Atlas Copco France\u00a0»" in page.text
    assert f"a retenu 1 avis · par <@{room.reporter.id}>" in page.text
    file = await room.reporter.click(listed, label="CSV")
    rows = list(csv.DictReader(io.StringIO(file.attachments[0].data.decode("utf-8-sig"), newline="")))
    assert [row["dismissed"] for row in rows] == [
        "organisation: Atlas Copco France",
        "",
        "organisation: Atlas Copco France",
    ]
    undone = await room.reporter.select(listed, "not-this-undo-which", ["nom «\u00a0Atlas Copco France\u00a0»"])
    assert "1 avis retenu entre-temps" in undone.text
    assert "/résumé planifier" in undone.text
    assert "écart" not in str((await room.reporter.slash("watch hits", room.desk, item="Atlas")).buttons)


async def test_the_way_back_names_the_channel_whose_digest_will_tell(
    house: House, room: Room, atlas: WatchItem
) -> None:
    message = await announce(house, room, atlas)
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="08:30")
    reply = await pressed(room.reporter, message)
    await hold(house, room, atlas, 3)
    undone = await room.reporter.click(reply, label="Annuler")
    assert f"prochain résumé de <#{room.desk.id}>" in undone.text


async def test_show_says_how_many_hits_were_right_once_one_was_not(house: House, room: Room, atlas: WatchItem) -> None:
    message = await announce(house, room, atlas)
    for number in (2, 3):
        await announce(house, room, atlas, text="avec Atlas", number=number)
    before = await room.reporter.slash("watch show", room.desk, item="Atlas")
    assert "Justesse" not in before.text
    await pressed(room.reporter, message)
    after = await room.reporter.slash("watch show", room.desk, item="Atlas")
    assert "2 avis sur 3 étaient bien cet élément (66\u00a0%)" in after.text
    assert "annoncée, puis écartée" in after.text


async def test_a_fact_logged_of_a_message_does_not_name_what_was_dismissed(
    house: House, room: Room, atlas: WatchItem
) -> None:
    message = await announce(house, room, atlas)
    await pressed(room.reporter, message)
    form = await room.reporter.click(message, label="Noter comme fait")
    assert form.modal is not None
    assert f'"value": "{atlas.id}"' not in str(form.modal).replace("'", '"')


async def test_the_longest_name_fits_every_step(house: House, room: Room) -> None:
    item = await house.follow(room, kind=ItemKind.COMPANY, name="Atlas")
    long = "Atlas " + "*_`" * 60
    message = await announce(house, room, item)
    async with house.app.database.tx("test") as connection:
        await connection.run(
            "UPDATE hit SET organisations = json_object('a', json_object('name', ?), 'b', json_object('name', ?))",
            long,
            long,
        )
    asked = await room.reporter.click(message, label=NOT_THIS)
    reply = await room.reporter.click(asked, custom_id=_first_custom_id(asked))
    assert "C\u2019est noté" in reply.text


def _first_custom_id(reply: Reply) -> str:
    [row, *_] = reply.components
    custom_id: str = row["components"][0]["custom_id"]
    return custom_id
