"""What no schema says: deadlines, second answers, kinds of answer, nonces, permissions, rate limits."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import pytest

from bot.loopback import NoAnswer, Platform, RateLimit
from bot.loopback.routes import table

if TYPE_CHECKING:
    from collections.abc import Coroutine
    from pathlib import Path

    from bot.loopback.interactions import Interaction

NONE: dict[str, Any] = {"parse": []}
MENU_BUTTON = {"type": 1, "components": [{"type": 2, "style": 1, "label": "b", "custom_id": "b"}]}
FORM = {
    "custom_id": "form",
    "title": "t",
    "components": [
        {"type": 18, "label": "l", "component": {"type": 4, "custom_id": "f", "style": 1, "required": False}}
    ],
}


def body(content: str = "x", **more: Any) -> dict[str, Any]:
    return {"content": content, "allowed_mentions": NONE, **more}


class Desk:
    """A guild with one person and the commands /go (with an autocompleted option), ready to be acted on."""

    def __init__(self, platform: Platform, bare: Any) -> None:
        self.platform = platform
        self.bare = bare
        self.guild = platform.add_guild()
        self.channel = self.guild.add_channel("general")
        self.ana = self.guild.add_member("Ana")
        self.acting: list[asyncio.Task[Any]] = []

    async def ready(self) -> Desk:
        option = {"type": 3, "name": "o", "description": "d", "autocomplete": True}
        status, _ = await self.bare.put_commands({"name": "go", "description": "d", "options": [option]})
        assert status == 200
        return self

    async def start(self, act: Coroutine[Any, Any, Any]) -> Interaction:
        """Start a person's act; return the interaction that the bot gets."""
        known = set(self.platform.interactions.by_token)
        self.acting.append(asyncio.create_task(act))
        await asyncio.sleep(0)
        (token,) = set(self.platform.interactions.by_token) - known
        return self.platform.interactions.by_token[token]

    async def slash(self) -> Interaction:
        return await self.start(self.ana.slash("go", self.channel, wait_s=0.2))

    async def answered(self, **answer: Any) -> Interaction:
        interaction = await self.slash()
        status, _ = await self.bare.answer(interaction, answer)
        assert status == 200
        return interaction


@pytest.fixture
async def desk(platform: Platform, bare: Any) -> Any:
    made = await Desk(platform, bare).ready()
    yield made
    for task in made.acting:
        task.cancel()
    await asyncio.gather(*made.acting, return_exceptions=True)


async def test_the_first_answer_returns_what_the_library_reads(desk: Any) -> None:
    interaction = await desk.slash()
    status, receipt = await desk.bare.answer(interaction, {"type": 4, "data": body("hi", flags=64)})
    assert status == 200
    assert receipt["interaction"]["response_message_ephemeral"] is True
    assert receipt["interaction"]["response_message_loading"] is False
    assert receipt["resource"]["message"]["content"] == "hi"


async def test_every_answer_is_exactly_json_and_passed_a_proxy(desk: Any) -> None:
    await desk.bare.ask("GET", "/users/@me")
    assert (desk.bare.headers["Content-Type"], desk.bare.headers["Via"]) == ("application/json", "1.1 loopback")


async def test_a_late_first_answer_is_unknown(desk: Any) -> None:
    desk.platform.answer_deadline_s = 0.05
    interaction = await desk.slash()
    await asyncio.sleep(0.06)
    status, error = await desk.bare.answer(interaction, {"type": 4, "data": body()})
    assert (status, error["code"]) == (404, 10062)
    assert len(desk.platform.late_answers) == 1
    with pytest.raises(NoAnswer):
        await desk.acting[0]


async def test_a_second_answer_is_refused(desk: Any) -> None:
    interaction = await desk.answered(type=4, data=body())
    status, error = await desk.bare.answer(interaction, {"type": 4, "data": body()})
    assert (status, error["code"]) == (400, 40060)
    assert len(desk.channel.messages) == 1


@pytest.mark.parametrize(
    ("act", "kind", "allowed"),
    [(act, kind, kind in kinds) for act, kinds in {
        "command": {4, 5, 9},
        "component": {4, 5, 6, 7, 9},
        "autocomplete": {8},
        "modal of a command": {4, 5},
        "modal of a message": {4, 5, 6, 7},
    }.items() for kind in (4, 5, 6, 7, 8, 9)],
)  # fmt: skip
async def test_each_act_takes_its_kinds_of_answer(desk: Any, act: str, kind: int, allowed: bool) -> None:  # noqa: FBT001  # a parameter of the test
    desk.platform.answer_deadline_s = 5
    bare = desk.bare
    answers: dict[int, Any] = {4: body(), 5: None, 6: None, 7: body(), 8: {"choices": []}, 9: FORM}
    if act == "autocomplete":
        typing = desk.ana.autocomplete("go", option="o", typed="a", channel=desk.channel)
        interaction = await desk.start(typing)
    else:
        interaction = await desk.slash()
    if act in {"component", "modal of a message"}:
        await bare.answer(interaction, {"type": 4, "data": body(components=[MENU_BUTTON])})
        shown = await desk.acting[-1]
        interaction = await desk.start(desk.ana.click(shown, label="b", wait_s=0))
    if act.startswith("modal"):
        await bare.answer(interaction, {"type": 9, "data": FORM})
        form = await desk.acting[-1]
        interaction = await desk.start(desk.ana.submit(form, {"f": "v"}, wait_s=0))
    status, answer = await bare.answer(interaction, {"type": kind, "data": answers[kind]})
    assert status == (200 if allowed else 400)
    assert allowed or answer["errors"]["type"]


async def test_a_follow_up_before_any_answer_is_unknown(desk: Any) -> None:
    interaction = await desk.slash()
    status, error = await desk.bare.ask("POST", desk.bare.webhook(interaction), body())
    assert (status, error["code"]) == (404, 10015)


async def test_a_follow_up_fills_the_thinking_message_and_keeps_its_ephemeral_state(desk: Any) -> None:
    interaction = await desk.answered(type=5, data={"flags": 64})
    status, filled = await desk.bare.ask("POST", desk.bare.webhook(interaction), body("public?"))
    assert status == 200
    assert (filled["id"], filled["flags"]) == (str(interaction.original.id), 64)
    status, second = await desk.bare.ask("POST", desk.bare.webhook(interaction), body("second"))
    assert second["flags"] == 0
    assert [item.content for item in desk.channel.messages] == ["second"]
    reply = await desk.acting[0]
    assert (reply.content, reply.ephemeral, reply.text) == ("public?", True, "public?\nsecond")


async def test_the_original_is_read_edited_and_deleted(desk: Any) -> None:
    interaction = await desk.answered(type=4, data=body("one"))
    path = desk.bare.webhook(interaction, "/messages/@original")
    assert (await desk.bare.ask("PATCH", path, body("two")))[1]["content"] == "two"
    assert (await desk.bare.ask("GET", path))[1]["content"] == "two"
    assert (await desk.bare.ask("DELETE", path))[0] == 204
    assert (await desk.bare.ask("GET", path))[1]["code"] == 10008
    assert desk.channel.messages == []


async def test_a_token_dies_after_its_lifetime(desk: Any) -> None:
    interaction = await desk.answered(type=4, data=body())
    desk.platform.token_lifetime_s = 0
    status, error = await desk.bare.ask("POST", desk.bare.webhook(interaction), body())
    assert (status, error["code"]) == (401, 50027)


async def test_one_nonce_makes_one_message_within_the_window_whatever_the_channel(desk: Any) -> None:
    other = desk.guild.add_channel("other")
    wanted = body(nonce="n1", enforce_nonce=True)
    first = await desk.bare.ask("POST", f"/channels/{desk.channel.id}/messages", wanted)
    again = await desk.bare.ask("POST", f"/channels/{other.id}/messages", wanted)
    assert first[1]["id"] == again[1]["id"]
    assert (len(desk.channel.messages), len(other.messages)) == (1, 0)


async def test_a_nonce_is_forgotten_after_the_window_and_without_being_enforced(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    await desk.bare.ask("POST", path, body(nonce="n1"))
    await desk.bare.ask("POST", path, body(nonce="n1"))
    assert len(desk.channel.messages) == 2
    desk.platform.nonce_window_s = 0.0
    await desk.bare.ask("POST", path, body(nonce="n1", enforce_nonce=True))
    assert len(desk.channel.messages) == 3


async def test_a_retry_after_the_first_was_deleted_creates_nothing(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    wanted = body(nonce="n1", enforce_nonce=True)
    await desk.bare.ask("POST", path, wanted)
    desk.guild.owner.delete(desk.channel.last())
    status, error = await desk.bare.ask("POST", path, wanted)
    assert (status, error["code"], desk.channel.messages) == (404, 10008, [])


async def test_the_bot_deletes_its_own_messages_once_and_nobody_elses(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    own = (await desk.bare.ask("POST", path, body()))[1]["id"]
    theirs = desk.guild.owner.post(desk.channel, "à moi")
    desk.channel.deny_bot("send_messages", "read_message_history", "manage_messages")
    told = [await desk.bare.ask("DELETE", f"{path}/{one}") for one in (own, own, theirs.id)]
    assert [(status, (answer or {}).get("code")) for status, answer in told] == [
        (204, None),
        (404, 10008),
        (403, 50013),
    ]
    assert desk.channel.messages == [theirs]


async def test_nothing_is_deleted_in_a_channel_that_is_hidden_or_gone(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    own = (await desk.bare.ask("POST", path, body()))[1]["id"]
    desk.channel.deny_bot("view_channel")
    hidden = await desk.bare.ask("DELETE", f"{path}/{own}")
    desk.channel.delete()
    gone = await desk.bare.ask("DELETE", f"{path}/{own}")
    assert [(status, answer["code"]) for status, answer in (hidden, gone)] == [(403, 50001), (404, 10003)]


def answering(message_id: str, **said: Any) -> dict[str, Any]:
    return body("so", message_reference={"message_id": message_id, **said})


async def test_an_answer_names_the_message_that_it_answers(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    first = (await desk.bare.ask("POST", path, body()))[1]["id"]
    status, made = await desk.bare.ask("POST", path, answering(first, fail_if_not_exists=False))
    assert (status, made["type"], made["message_reference"]["message_id"]) == (200, 19, first)


async def test_an_answer_to_what_is_gone_is_refused_or_stands_by_itself_as_asked(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    first = (await desk.bare.ask("POST", path, body()))[1]["id"]
    desk.guild.owner.delete(desk.channel.last())
    status, error = await desk.bare.ask("POST", path, answering(first))
    [fault] = error["errors"]["message_reference"]["_errors"]
    assert (status, error["code"], fault["code"]) == (400, 50035, "MESSAGE_REFERENCE_UNKNOWN_MESSAGE")
    status, made = await desk.bare.ask("POST", path, answering(first, fail_if_not_exists=False))
    assert (status, made["type"], "message_reference" in made) == (200, 0, False)


async def test_without_the_history_nothing_can_be_answered(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    first = (await desk.bare.ask("POST", path, body()))[1]["id"]
    desk.channel.deny_bot("read_message_history")
    status, error = await desk.bare.ask("POST", path, answering(first))
    assert (status, error["code"]) == (400, 160002)


async def test_history_is_newest_first_in_pages(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    ids = [(await desk.bare.ask("POST", path, body(str(number))))[1]["id"] for number in range(5)]
    read = {
        query: [item["content"] for item in (await desk.bare.ask("GET", f"{path}?{query}"))[1]]
        for query in ("limit=2", f"before={ids[2]}", f"after={ids[1]}&limit=2", f"around={ids[2]}&limit=3")
    }
    assert list(read.values()) == [["4", "3"], ["1", "0"], ["3", "2"], ["3", "2", "1"]]
    assert (await desk.bare.ask("GET", f"{path}?limit=101"))[0] == 400


@pytest.mark.parametrize(
    ("denied", "post", "read"),
    [
        ("view_channel", (403, 50001), (403, 50001)),
        ("send_messages", (403, 50013), (200, None)),
        ("embed_links", (403, 50013), (200, None)),
        ("read_message_history", (200, None), (403, 50013)),
    ],
)
async def test_a_denied_permission_is_refused(desk: Any, denied: str, post: Any, read: Any) -> None:
    desk.channel.deny_bot(denied)
    path = f"/channels/{desk.channel.id}/messages"
    status, answer = await desk.bare.ask("POST", path, body(embeds=[{"title": "t"}]))
    assert (status, answer.get("code")) == post
    status, answer = await desk.bare.ask("GET", path)
    assert (status, answer.get("code") if isinstance(answer, dict) else None) == read
    desk.channel.allow_bot()
    assert (await desk.bare.ask("POST", path, body()))[0] == 200


async def test_history_can_be_empty_instead_of_refused(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    await desk.bare.ask("POST", path, body())
    desk.channel.deny_bot("read_message_history")
    desk.platform.history_refused = False
    assert await desk.bare.ask("GET", path) == (200, [])


async def test_what_was_deleted_or_never_was_is_unknown(desk: Any) -> None:
    path = f"/channels/{desk.channel.id}/messages"
    _, message = await desk.bare.ask("POST", path, body())
    desk.guild.owner.delete(desk.channel.last())
    assert (await desk.bare.ask("PATCH", f"{path}/{message['id']}", body()))[1]["code"] == 10008
    desk.channel.delete()
    assert (await desk.bare.ask("POST", path, body()))[1]["code"] == 10003
    other = desk.platform.add_guild(installed=False)
    assert (await desk.bare.ask("GET", f"/guilds/{other.id}"))[1]["code"] == 50001
    assert (await desk.bare.ask("GET", f"/guilds/{desk.guild.id}/members/5"))[1]["code"] == 10007


async def test_a_wrong_token_is_unauthorized_and_counted(desk: Any) -> None:
    status, error = await desk.bare.ask("GET", "/users/@me", token="other")
    assert (status, error["message"]) == (401, "401: Unauthorized")
    assert desk.platform.invalid_requests == 1


async def test_an_unknown_path_is_a_violation(desk: Any) -> None:
    assert (await desk.bare.ask("GET", "/voice/regions"))[0] == 501
    assert desk.platform.violations == ["GET /voice/regions: unknown path"]


@pytest.mark.parametrize("allowed", [None, {}, {"parse": ["everyone"]}, {"parse": ["users"], "replied_user": False}])
async def test_a_message_that_could_ping_is_a_violation(desk: Any, allowed: Any) -> None:
    wanted = {"content": "x"} | ({} if allowed is None else {"allowed_mentions": allowed})
    await desk.bare.ask("POST", f"/channels/{desk.channel.id}/messages", wanted)
    interaction = await desk.slash()
    await desk.bare.answer(interaction, {"type": 4, "data": wanted})
    await desk.bare.ask("POST", desk.bare.webhook(interaction), wanted)
    await desk.bare.ask("PATCH", desk.bare.webhook(interaction, "/messages/@original"), wanted)
    assert len(desk.platform.violations) == 4


async def test_a_bucket_tells_what_is_left_then_answers_429(desk: Any) -> None:
    desk.platform.rate_limit("POST", "/channels/{channel_id}/messages", limit=2, per_s=60)
    path = f"/channels/{desk.channel.id}/messages"
    await desk.bare.ask("POST", path, body())
    assert desk.bare.headers["X-RateLimit-Remaining"] == "1"
    await desk.bare.ask("POST", path, body())
    status, error = await desk.bare.ask("POST", path, body())
    assert status == 429
    assert 0 < error["retry_after"] <= 60
    assert desk.bare.headers["Via"]
    other = desk.guild.add_channel("other")
    assert (await desk.bare.ask("POST", f"/channels/{other.id}/messages", body()))[0] == 200


async def test_the_whole_bot_is_paced_too(desk: Any) -> None:
    desk.platform.global_limit = RateLimit(1, 60)
    await desk.bare.ask("GET", "/users/@me")
    status, error = await desk.bare.ask("POST", f"/channels/{desk.channel.id}/messages", body())
    assert (status, error["global"], desk.bare.headers["X-RateLimit-Global"]) == (429, True, "true")


async def test_commands_keep_their_ids_while_their_names_stay(desk: Any) -> None:
    first = (await desk.bare.put_commands({"name": "go", "description": "d"}))[1][0]
    same = (await desk.bare.put_commands({"name": "go", "description": "d"}))[1][0]
    changed = (await desk.bare.put_commands({"name": "go", "description": "e"}))[1][0]
    assert first["id"] == same["id"] == changed["id"]
    assert first["version"] == same["version"] != changed["version"]


async def test_the_truth_file_holds_what_the_bot_made_visible(bare: Any, platform: Platform, tmp_path: Path) -> None:
    platform.truth = tmp_path / "truth.jsonl"
    desk = await Desk(platform, bare).ready()
    path = f"/channels/{desk.channel.id}/messages"
    await bare.ask("POST", path, body("one", nonce="n"))
    desk.ana.post(desk.channel, "a person's")
    await bare.ask("PATCH", f"{path}/{desk.channel.messages[0].id}", body("edited"))
    lines = [json.loads(line) for line in platform.truth.read_text("utf-8").splitlines()]
    assert [(line["content"], line["nonce"], line["via"]) for line in lines] == [("one", "n", "post")]
    assert lines == platform.created


async def test_every_served_operation_is_described_by_the_specification(platform: Platform) -> None:
    from bot.loopback.schema import _document  # noqa: PLC0415  # looks inside

    described = {(method.upper(), path) for path, methods in _document()["paths"].items() for method in methods}
    served = {(route.method, route.path) for route in table(platform)}
    assert described - served == {
        (method, "/webhooks/{webhook_id}/{webhook_token}/messages/@original") for method in ("GET", "PATCH", "DELETE")
    }
    assert served <= described
