"""Discord unreachable, refusing or forgetful: the bot keeps trying, says so once, and loses nothing."""

from __future__ import annotations

import asyncio

import pytest

from bot.loopback import Channel
from bot.loopback.publishers.boamp_records import fns_notice
from tests.e2e.sweep import prepare
from tests.e2e.world import World, in_days, today, words_of

MESSAGES = "/channels/{channel_id}/messages"


def publish(desk: World, idweb: str = "26-2", objet: str = "Caméras-piétons") -> None:
    desk.boamp.records.append(fns_notice(idweb=idweb, objet=objet, published=today(), deadline=in_days(12)))


async def test_a_gateway_that_cannot_be_reached_at_the_start_is_tried_again(desk: World) -> None:
    desk.platform.gateway.refuse(2)
    await desk.started()
    reply = await desk.admin.slash("help", desk.announcements)
    assert reply.ephemeral


async def test_a_login_that_discord_cannot_serve_is_tried_again(desk: World) -> None:
    desk.platform.faults.once(kind="503_before", method="GET", path="/users/@me", times=2)
    await desk.started()
    reply = await desk.admin.slash("help", desk.announcements)
    assert reply.ephemeral


async def test_a_refused_token_ends_the_bot_with_a_sentence(desk: World) -> None:
    bot = await desk.start(VIGIE_DISCORD_TOKEN="not-the-token")
    assert await bot.gone() == 2
    assert "Traceback" not in bot.log
    assert "not-the-token" not in bot.log


async def test_announcing_goes_on_while_the_gateway_is_away(running: World) -> None:
    running.platform.gateway.refuse(1000)
    running.platform.gateway.drop()
    publish(running)
    (message,) = await running.shown(1)
    assert "Caméras-piétons" in words_of(message)


@pytest.mark.parametrize("kind", ["500_before", "close_after", "bad_json_after"])
async def test_a_post_in_doubt_is_one_message_however_short_discords_memory_of_nonces(
    running: World, kind: str
) -> None:
    running.platform.nonce_window_s = 0.2
    running.platform.faults.once(kind=kind, method="POST", path=MESSAGES, times=1)
    publish(running)
    await running.shown(1)
    await running.until_settled()
    await running.until_polled()
    assert len(running.posted()) == 1


async def test_a_message_is_tried_again_under_the_same_nonce(running: World) -> None:
    running.platform.faults.once(kind="close_before", method="POST", path=MESSAGES, times=2)
    publish(running)
    await running.shown(1)
    nonces = {request.body["nonce"] for request in running.platform.requests_to("POST", MESSAGES)}
    assert nonces == {row["nonce"] for row in running.rows("SELECT nonce FROM announcement")}


async def test_a_card_that_discord_refuses_goes_out_short_and_the_operations_channel_hears_of_it(
    running: World,
) -> None:
    running.platform.faults.once(kind="400", method="POST", path=MESSAGES, times=1)
    publish(running)
    (message,) = await running.shown(1)
    (told,) = await running.shown(1, running.operations)
    assert "https://www.boamp.fr/pages/avis/?q=idweb:26-2" in words_of(message)
    assert words_of(message).split("réf.\u00a0")[1][:9] in words_of(told)


async def test_a_deleted_channel_is_parked_and_told_once_and_its_announcements_follow_to_the_new_one(
    running: World,
) -> None:
    running.announcements.delete()
    publish(running)
    publish(running, "26-3", "Location de caméras-piétons")
    await running.shown(1, running.operations)
    await running.until_polled()
    posts = [request for request in running.platform.requests_to("POST", MESSAGES) if request.status == 404]
    assert len(posts) == 1
    assert len(running.posted(running.operations)) == 1
    elsewhere: Channel = running.guild.add_channel("nouvelles-annonces")
    await running.admin.slash("setup", running.operations, announcements=elsewhere)
    assert len(await running.shown(2, elsewhere)) == 2


async def test_a_missing_permission_is_told_once_and_sending_resumes_when_it_is_back(running: World) -> None:
    running.announcements.deny_bot("send_messages")
    publish(running)
    (told,) = await running.shown(1, running.operations)
    await running.until_polled()
    assert len(running.posted(running.operations)) == 1
    assert str(running.announcements.id) in words_of(told)
    running.announcements.allow_bot()
    assert len(await running.shown(1)) == 1


@pytest.mark.parametrize("is_history_refused", [True, False], ids=["refused", "shown empty"])
async def test_without_the_right_to_read_history_a_row_in_doubt_is_set_aside_and_never_guessed(
    running: World, *, is_history_refused: bool
) -> None:
    running.platform.history_refused = is_history_refused
    running.announcements.deny_bot("read_message_history")
    running.platform.faults.once(kind="close_after", method="POST", path=MESSAGES, times=1)
    publish(running)
    await running.shown(1, running.operations)
    assert len(running.posted()) == 1
    assert [row["state"] for row in running.rows("SELECT state FROM announcement WHERE kind = 'notice'")] == [
        "set_aside"
    ]
    running.announcements.allow_bot()
    await running.until_settled()
    await running.until_polled()
    assert len(running.posted()) == 1
    assert running.rows("SELECT state FROM announcement WHERE kind = 'notice'")[0]["state"] == "sent"


@pytest.mark.parametrize("kind", ["429_front", "bad_json_after", "403"])
async def test_commands_that_cannot_be_given_to_discord_do_not_stop_the_announcing(desk: World, kind: str) -> None:
    desk.platform.faults.once(kind=kind, method="PUT", path="/applications/{application_id}/commands", times=50)
    await prepare(desk)
    await desk.start()
    assert len(await desk.shown(3)) == 3


async def test_a_login_that_the_front_end_refuses_for_a_while_is_tried_again(desk: World) -> None:
    desk.platform.faults.once(kind="429_front", method="GET", path="/users/@me", times=1)
    await desk.started()
    reply = await desk.admin.slash("help", desk.announcements)
    assert reply.ephemeral


async def test_a_server_that_the_bot_is_not_in_does_not_stop_it(desk: World) -> None:
    desk.configure(extra="[discord]\nguilds = [4242]\n")
    await prepare(desk, is_configured=True)
    await desk.start()
    assert len(await desk.shown(3)) == 3


async def test_an_invitation_after_a_removal_resumes_what_waited(running: World) -> None:
    running.platform.uninstall(running.guild)
    publish(running)
    async with asyncio.timeout(20):
        while not running.rows("SELECT 1 FROM channel WHERE parked_reason IS NOT NULL"):
            await asyncio.sleep(0.05)
    running.platform.install(running.guild)
    assert len(await running.shown(1)) == 1


async def test_a_row_in_doubt_is_found_behind_more_talk_than_one_look_reads(running: World) -> None:
    publish(running)
    await running.shown(1)
    await running.until_settled()
    for number in range(1200):
        running.reporter.post(running.announcements, f"on en parle {number}")
    running.platform.faults.once(kind="close_after", method="POST", path=MESSAGES, times=1)
    publish(running, "26-3", "Location de caméras-piétons")
    await running.shown(2)
    await running.until_settled()
    assert len(running.posted()) == 2
