"""Private messages: one channel with a person for good, and who is not written to."""

from __future__ import annotations

from typing import Any

import pytest

from bot.loopback import Member, Platform

HELLO: dict[str, Any] = {"content": "bonjour", "allowed_mentions": {"parse": []}}


@pytest.fixture
def ana(platform: Platform) -> Member:
    return platform.add_guild().add_member("Ana")


async def opened(bare: Any, person: Member) -> int:
    status, channel = await bare.ask("POST", "/users/@me/channels", {"recipient_id": str(person.id)})
    assert status == 200
    assert channel["type"] == 1
    assert [one["id"] for one in channel["recipients"]] == [str(person.id)]
    return int(channel["id"])


async def test_a_persons_channel_is_the_same_for_good(bare: Any, ana: Member) -> None:
    assert await opened(bare, ana) == await opened(bare, ana) == ana.dm.id


async def test_what_is_written_there_is_read_there(bare: Any, ana: Member) -> None:
    channel_id = await opened(bare, ana)
    status, message = await bare.ask("POST", f"/channels/{channel_id}/messages", HELLO)
    assert status == 200
    assert ana.dm.last().content == "bonjour"
    status, history = await bare.ask("GET", f"/channels/{channel_id}/messages")
    assert [one["id"] for one in history] == [message["id"]]


async def test_a_nonce_makes_one_message_there_too(bare: Any, ana: Member) -> None:
    channel_id = await opened(bare, ana)
    for _ in range(2):
        await bare.ask("POST", f"/channels/{channel_id}/messages", HELLO | {"nonce": "1", "enforce_nonce": True})
    assert len(ana.dm.messages) == 1


async def test_who_takes_no_private_message_is_opened_but_not_written_to(bare: Any, ana: Member) -> None:
    channel_id = await opened(bare, ana)
    ana.refuse_private()
    status, refused = await bare.ask("POST", f"/channels/{channel_id}/messages", HELLO)
    assert (status, refused["code"]) == (403, 50007)
    ana.refuse_private(is_refused=False)
    assert (await bare.ask("POST", f"/channels/{channel_id}/messages", HELLO))[0] == 200


async def test_who_shares_no_guild_is_not_written_to(bare: Any, ana: Member) -> None:
    channel_id = await opened(bare, ana)
    ana.guild.remove_member(ana)
    status, refused = await bare.ask("POST", f"/channels/{channel_id}/messages", HELLO)
    assert (status, refused["code"]) == (403, 50007)


async def test_nobody_is_no_recipient(bare: Any, platform: Platform) -> None:
    status, refused = await bare.ask("POST", "/users/@me/channels", {"recipient_id": "1"})
    assert (status, refused["code"]) == (400, 50033)
    assert platform.violations == []


async def test_who_left_still_has_a_name(bare: Any, ana: Member) -> None:
    ana.guild.remove_member(ana)
    status, member = await bare.ask("GET", f"/guilds/{ana.guild.id}/members/{ana.id}")
    assert (status, member["code"]) == (404, 10007)
    status, user = await bare.ask("GET", f"/users/{ana.id}")
    assert (status, user["username"]) == (200, "Ana")
    assert (await bare.ask("GET", "/users/1"))[0] == 404
