"""Starting, stopping, restarting; two newsrooms, strangers, and texts that mean harm."""

from __future__ import annotations

import re

import pytest

from bot.loopback import PersonCannot
from bot.loopback.publishers.boamp_records import fns_notice
from tests.e2e.world import World, in_days, today, words_of, world


def publish(desk: World, idweb: str = "26-2", objet: str = "Caméras-piétons", **more: object) -> None:
    desk.boamp.records.append(fns_notice(idweb=idweb, objet=objet, published=today(), deadline=in_days(12), **more))


async def test_a_stop_signal_ends_the_bot_cleanly(desk: World) -> None:
    bot = await desk.started()
    assert await bot.stop() == 0
    assert "Traceback" not in bot.log


async def test_a_second_bot_on_the_same_database_is_refused_and_named(desk: World) -> None:
    first = await desk.started()
    second = await desk.start()
    assert await second.gone() == 2
    assert str(first.process.pid) in second.log
    assert "Traceback" not in second.log


async def test_mute_works_after_a_restart_before_anything_else_was_sent(running: World) -> None:
    publish(running)
    (message,) = await running.shown(1)
    await running.until_settled()
    await running.bots[-1].stop()
    await running.started()
    asked = await running.reporter.click(message, label="Mettre en sourdine")
    assert asked.ephemeral
    await running.reporter.click(asked, label="1 semaine")
    publish(running, "26-3", "Encore des caméras-piétons")
    await running.until_polled()
    await running.until_settled()
    assert len(running.posted()) == 1
    assert [row["held"] for row in running.rows("SELECT held FROM hit ORDER BY id")] == [None, "muted"]


async def test_commands_are_given_to_discord_again_only_when_they_changed(desk: World) -> None:
    first = await desk.started()
    await first.stop()
    await desk.started()
    assert desk.platform.syncs == 1


async def test_what_was_published_while_the_bot_was_away_is_announced_when_it_is_back(running: World) -> None:
    await running.bots[-1].kill()
    publish(running)
    await running.started()
    assert len(await running.shown(1)) == 1


async def test_another_newsroom_on_the_same_bot_sees_and_hears_nothing(running: World) -> None:
    other = running.platform.add_guild("Autre rédaction", locale="fr")
    channel = other.add_channel("annonces")
    chief = other.add_member("Chloé", manage_guild=True, locale="fr")
    await chief.slash("setup", channel, announcements=channel)
    publish(running)
    await running.shown(1)
    reply = await chief.slash("watch list", channel)
    assert "Valmarin" not in reply.text
    assert await chief.autocomplete("watch show", option="item", typed="val", channel=channel) == []
    assert channel.messages == []


async def test_a_member_without_a_role_gets_a_sentence_and_nothing_else(running: World) -> None:
    reply = await running.outsider.slash("watch list", running.announcements, force=True)
    assert reply.ephemeral
    assert "Valmarin" not in reply.text
    assert (
        await running.outsider.autocomplete(
            "watch show", option="item", typed="val", channel=running.announcements, force=True
        )
        == []
    )


async def test_a_reporter_cannot_set_the_newsroom_up(running: World) -> None:
    with pytest.raises(PersonCannot):
        await running.reporter.slash("setup", running.announcements, language="en")
    reply = await running.reporter.slash("setup", running.announcements, language="en", force=True)
    assert reply.ephemeral
    assert running.rows("SELECT language FROM newsroom")[0]["language"] == "fr"


async def test_a_notice_that_means_harm_is_shown_harmless(running: World) -> None:
    publish(
        running,
        objet="@everyone **caméras-piétons** [cliquez](https://evil.example) <@&1234567890123456789> \u202esnoitats",
        description="<#123456789012345678> </setup:1> ||spoiler|| https://evil.example/x discord.gg/abc",
    )
    (message,) = await running.shown(1)
    seen = words_of(message)
    assert not re.search(r"(?<!\\)@everyone|<@&?\d|<#\d|</\w|\]\(https://evil|(?<!\\)\|\||https://evil|\u202e", seen)


async def test_an_english_newsroom_reads_english(tmp_path, nursery) -> None:  # noqa: ANN001  # fixtures
    async with world(tmp_path, nursery, locale="en-GB") as desk:
        desk.configure(language="en")
        await desk.ready()
        publish(desk)
        (message,) = await desk.shown(1)
        assert "Deadline:" in words_of(message)
        assert "ref.\u00a0" in words_of(message)


async def test_a_long_watchlist_offers_no_more_choices_than_discord_takes(running: World) -> None:
    for number in range(30):
        await running.reporter.slash("watch add", running.announcements, kind="company", name=f"Corvoy {number}")
    choices = await running.reporter.autocomplete(
        "watch show", option="item", typed="corvoy", channel=running.announcements
    )
    assert len(choices) == 25
