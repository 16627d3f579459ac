"""One procedure in one place: a post of a forum, or a thread of a text channel, through restarts and moderators."""

from __future__ import annotations

import contextlib
import sqlite3

from bot.loopback import Channel
from bot.loopback.publishers.boamp_records import corrigendum, mapa_award, mapa_notice
from tests.e2e.world import PATIENCE_S, World, in_days, today, words_of

FORUM = 15


def publish_tender(desk: World, idweb: str, objet: str) -> None:
    desk.boamp.records.append(mapa_notice(idweb=idweb, objet=objet, published=today(), deadline=in_days(12)))


def publish_corrigendum(desk: World, idweb: str, of: str) -> None:
    tender = next(record for record in desk.boamp.records if record["idweb"] == of)
    moved = corrigendum(of=tender, idweb=idweb, published=today(), deadline=in_days(20))
    desk.boamp.records.append(moved | {"objet": "Rectificatif"})


def publish_award(desk: World, idweb: str, of: str) -> None:
    award = mapa_award(idweb=idweb, objet="Attribution", published=today(), winner="MARTIN SARL", amount="9000", of=of)
    desk.boamp.records.append(award)


async def ready(desk: World) -> tuple[Channel, Channel]:
    """Set up a newsroom that is announced in a forum, one item in a text channel with threads; return both."""
    forum, text = desk.guild.add_channel("dossiers", kind=FORUM), desk.guild.add_channel("police")
    publish_tender(desk, "26-1", "Entretien des espaces verts")
    await desk.started()
    await desk.admin.slash(
        "setup", text, announcements=forum, operations=desk.operations, reporter=desk.roles["reporter"]
    )
    await desk.reporter.slash("watch add", text, kind="keyword", name="cantine")
    await desk.reporter.slash("watch add", text, kind="keyword", name="caméra-piéton", channel=text)
    set_threads(desk)
    await desk.until_polled()
    return forum, text


def set_threads(desk: World) -> None:
    """Ask for a thread for each procedure, as the form of the settings does."""
    with contextlib.closing(sqlite3.connect(desk.database, timeout=10)) as connection, connection:
        connection.execute("UPDATE newsroom SET threads = 1")


async def stand(channel: Channel, number: int) -> list[str]:
    """Wait until so many messages stand in a channel or a thread; return their titles."""
    await channel.wait_for(number, PATIENCE_S)
    return [message.embeds[0]["title"] for message in channel.messages]


async def only_thread(parent: Channel) -> Channel:
    (thread,) = parent.threads
    return thread


async def test_a_procedure_is_one_post_or_one_thread_through_a_restart_and_a_deletion(desk: World) -> None:
    forum, text = await ready(desk)
    publish_tender(desk, "26-2", "Cantine scolaire")
    publish_tender(desk, "26-3", "Caméras-piétons")
    await stand(text, 1)
    await desk.until_settled()
    publish_corrigendum(desk, "26-4", of="26-2")
    publish_corrigendum(desk, "26-5", of="26-3")
    await desk.platform.pulse.until(lambda: len(text.threads) == 1, PATIENCE_S, "the thread")
    post, thread = await only_thread(forum), await only_thread(text)
    await stand(post, 2)
    await stand(thread, 1)
    await desk.until_settled()
    await desk.bots[-1].kill()
    post.archive()
    await desk.started()
    publish_award(desk, "26-6", of="26-2")
    publish_award(desk, "26-7", of="26-3")
    assert len(await stand(post, 3)) == 3
    assert len(await stand(thread, 2)) == 2
    await desk.until_settled()
    assert "Cantine scolaire" in post.name
    assert thread.id == text.last().id
    assert not post.archived

    # A link copied inside a thread explains the message as any other does.
    link = f"https://discord.com/channels/{desk.guild.id}/{thread.id}/{thread.last().id}"
    why = await desk.reporter.slash("why", text, notice=link)
    assert "26-7" in why.text

    post.delete()
    thread.delete()
    publish_corrigendum(desk, "26-8", of="26-2")
    publish_corrigendum(desk, "26-9", of="26-3")
    await stand(text, 2)
    await desk.platform.pulse.until(lambda: len(forum.threads) == 1, PATIENCE_S, "a post of its own")
    (own,) = forum.threads
    await own.wait_for(1, PATIENCE_S)
    await desk.until_settled()
    assert [len(own.messages), len(text.messages)] == [1, 2]
    assert text.last().reference is not None
    assert desk.rows("SELECT 1 FROM channel WHERE parked_reason IS NOT NULL") == []
    codes = [words_of(message)[-9:] for channel in (own, text) for message in channel.messages]
    assert len(codes) == len(set(codes))
