"""Every limit on bodies: what just fits passes, what does not is refused with its place."""

from __future__ import annotations

from typing import Any

import pytest

from bot.loopback.command_limits import check_commands
from bot.loopback.errors import ApiError, Faulty
from bot.loopback.limits import check_autocomplete, check_message, check_modal, is_empty
from bot.loopback.schema import check

MESSAGE = ("POST", "/channels/{channel_id}/messages")
COMMANDS = ("PUT", "/applications/{application_id}/commands")
CALLBACK = ("POST", "/interactions/{interaction_id}/{interaction_token}/callback")
V2 = 1 << 15


def button(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": 2, "style": 1, "label": "b", "custom_id": f"b{number}"} | more


def row(*components: Any) -> dict[str, Any]:
    return {"type": 1, "components": list(components)}


def select(**more: Any) -> dict[str, Any]:
    return {"type": 3, "custom_id": "s", "options": [{"label": "l", "value": "v"}]} | more


def text(content: str) -> dict[str, Any]:
    return {"type": 10, "content": content}


def field(**more: Any) -> dict[str, Any]:
    return {"embeds": [{"fields": [{"name": "n", "value": "v"} | more]}]}


def message_faults(body: dict[str, Any]) -> list[str]:
    faulty = Faulty()
    check(*MESSAGE, body, faulty)
    check_message(body, faulty)
    return faulty.lines()


@pytest.mark.parametrize(
    ("body", "place"),
    [
        ({"content": "x" * 2001}, "content"),
        ({"content": "👪" * 1001}, "content"),
        ({"embeds": [{"title": "x" * 257}]}, "embeds.0.title"),
        ({"embeds": [{"description": "x" * 4097}]}, "embeds.0.description"),
        ({"embeds": [{"author": {"name": "x" * 257}}]}, "embeds.0.author.name"),
        ({"embeds": [{"footer": {"text": "x" * 2049}}]}, "embeds.0.footer.text"),
        ({"embeds": [{"fields": [{"name": "n", "value": "v"}] * 26}]}, "embeds.0.fields"),
        (field(name="x" * 257), "embeds.0.fields.0.name"),
        (field(value="x" * 1025), "embeds.0.fields.0.value"),
        (field(name=""), "embeds.0.fields.0.name"),
        (field(value=" "), "embeds.0.fields.0.value"),
        ({"embeds": [{"title": "t"}] * 11}, "embeds"),
        ({"embeds": [{"description": "x" * 3001}] * 2}, "embeds"),
        ({"embeds": [{"description": "👪" * 2001}, {"title": "x" * 200, "description": "x" * 1799}]}, "embeds"),
        ({"embeds": [{"title": "t", "url": "javascript:alert(1)"}]}, "embeds.0.url"),
        ({"content": "x", "nonce": "n" * 26}, "nonce"),
        ({"content": "x", "attachments": [{"id": 0, "filename": "f"}] * 11}, "attachments"),
        ({"components": [row(button(number)) for number in range(6)]}, "components"),
        ({"components": [row(*[button(number) for number in range(6)])]}, "components.0.components"),
        ({"components": [row(button(), button())]}, "components.0.components.1.custom_id"),
        ({"components": [row(select(), button())]}, "components.0.components"),
        ({"components": [row(button(label="x" * 81))]}, "components.0.components.0.label"),
        ({"components": [row(button(custom_id="x" * 101))]}, "components.0.components.0.custom_id"),
        ({"components": [row(button(style=5, url="https://e.org/" + "x" * 500))]}, "components.0.components.0.url"),
        ({"components": [row(button(style=5, url="https://e.org"))]}, "components.0.components.0.custom_id"),
        ({"components": [row(button(style=5, custom_id=None))]}, "components.0.components.0.url"),
        ({"components": [row(button(url="https://e.org"))]}, "components.0.components.0.url"),
        ({"components": [row(button(label=None))]}, "components.0.components.0.label"),
        ({"components": [row(select(options=[{"label": "l", "value": str(n)} for n in range(26)]))]},
         "components.0.components.0.options"),
        ({"components": [row(select(options=[]))]}, "components.0.components.0.options"),
        ({"components": [row(select(placeholder="x" * 151))]}, "components.0.components.0.placeholder"),
        ({"components": [text("x")]}, "components.0.type"),
        ({"components": [row({"type": 99})]}, "components.0.components.0"),
        ({"flags": V2, "content": "x", "components": [text("x")]}, "content"),
        ({"flags": V2, "embeds": [{"title": "t"}], "components": [text("x")]}, "embeds"),
        ({"flags": V2, "components": [text("x")] * 41}, "components"),
        ({"flags": V2, "components": [{"type": 17, "components": [text("x")] * 20}] * 2}, "components"),
        ({"flags": V2, "components": [text("x" * 2001)] * 2}, "components"),
        ({"flags": V2, "components": [{"type": 9, "components": [text("x")] * 4, "accessory": button()}]},
         "components.0.components"),
    ],
)  # fmt: skip
def test_a_message_over_a_limit_is_refused_with_its_place(body: dict[str, Any], place: str) -> None:
    assert place in [line.partition(":")[0] for line in message_faults(body)]


@pytest.mark.parametrize(
    "body",
    [
        {"content": "x" * 2000, "nonce": "n" * 25},
        {"embeds": [{"title": "x" * 256, "url": "https://e.org/?q=é"}] + [{"description": "x" * 2872}] * 2},
        field(name="x" * 256, value="x" * 1024),
        {"content": "x", "attachments": [{"id": 0, "filename": "f"}], "allowed_mentions": {"users": [7]}},
        {"embeds": [{"image": {"url": "attachment://a.png"}}]},
        {"components": [row(*[button(5 * r + n) for n in range(5)]) for r in range(5)]},
        {"components": [row(button(style=5, custom_id=None, url="https://e.org"))]},
        {"flags": V2, "components": [text("x" * 3999), {"type": 17, "components": [text("x")] + [{"type": 14}] * 37}]},
    ],
)
def test_a_message_at_its_limits_passes(body: dict[str, Any]) -> None:
    assert message_faults(body) == []


def option(**more: Any) -> dict[str, Any]:
    return {"type": 3, "name": "o", "description": "d"} | more


def command(*options: Any, **more: Any) -> dict[str, Any]:
    return {"name": "c", "description": "d", "options": list(options)} | more


def choices(count: int, **more: Any) -> list[dict[str, Any]]:
    return [{"name": f"n{number}", "value": f"v{number}"} | more for number in range(count)]


def command_faults(*commands: Any) -> list[str]:
    faulty = Faulty()
    check(*COMMANDS, list(commands), faulty)
    check_commands(list(commands), faulty)
    return faulty.lines()


@pytest.mark.parametrize(
    ("commands", "place"),
    [
        ([command(name="x" * 33)], "0.name"),
        ([command(name="Watch")], "0.name"),
        ([command(name="a b")], "0.name"),
        ([command(name_localizations={"fr": "Veille"})], "0.name_localizations.fr"),
        ([command(name_localizations={"xx": "veille"})], "0.name_localizations.xx"),
        ([command(), command()], "1.name"),
        ([command(name="a", name_localizations={"fr": "b"}), command(name="b")], "1.name"),
        ([command(description="")], "0.description"),
        ([command(description="x" * 101)], "0.description"),
        ([command(description_localizations={"fr": "x" * 101})], "0.description_localizations.fr"),
        ([command(*[option(name=f"o{number}") for number in range(26)])], "0.options"),
        ([command(option(), option())], "0.options.1.name"),
        ([command(option(name="O"))], "0.options.0.name"),
        ([command(option(), option(name="p", required=True))], "0.options.1"),
        ([command(option(choices=choices(26)))], "0.options.0.choices"),
        ([command(option(choices=choices(1, value="x" * 101)))], "0.options.0.choices.0.value"),
        ([command(option(choices=choices(1, name="x" * 101)))], "0.options.0.choices.0.name"),
        ([command(option(choices=choices(2, name="same")))], "0.options.0.choices.1.name"),
        ([command(option(choices=choices(1), autocomplete=True))], "0.options.0.choices"),
        ([command(option(), option(type=1, name="sub"))], "0.options"),
        ([command(option(type=2, name="g", options=[option(type=2, name="h")]))], "0.options.0.options.0.type"),
        ([command(type=3, name="Menu", description="d", options=[])], "0.description"),
        ([command(name=f"c{number}") for number in range(101)], "100"),
        ([{"type": 3, "name": f"M {number}"} for number in range(16)], "15"),
        ([command(*[option(name=f"o{n}", choices=choices(25, value="x" * 100)) for n in range(4)])], "0"),
        ([command(option(type=3, description=None))], "0.options.0.description"),
    ],
)  # fmt: skip
def test_a_command_over_a_limit_is_refused_with_its_place(commands: list[Any], place: str) -> None:
    assert place in [line.partition(":")[0] for line in command_faults(*commands)]


def test_commands_at_their_limits_pass() -> None:
    fine = [
        command(
            option(required=True), option(type=7, name="forum", channel_types=[15, 16]), name="éléments_surveillés"
        ),
        command(option(choices=choices(25)), name="x" * 32, description="x" * 100),
        command(option(type=2, name="g", options=[option(type=1, name="sub", options=[option(autocomplete=True)])])),
        {"type": 3, "name": "En faire un Tuyau"},
    ]
    assert command_faults(*fine) == []


def callback_faults(kind: int, data: Any) -> list[str]:
    faulty = Faulty()
    check(*CALLBACK, {"type": kind, "data": data}, faulty)
    (check_modal if kind == 9 else check_autocomplete)(data, faulty, ("data",))
    return faulty.lines()


def label(number: int = 0, **more: Any) -> dict[str, Any]:
    return {"type": 18, "label": "l", "component": {"type": 4, "custom_id": f"f{number}", "style": 1}} | more


def form(*components: Any, **more: Any) -> dict[str, Any]:
    return {"custom_id": "form", "title": "t", "components": list(components)} | more


@pytest.mark.parametrize(
    ("kind", "data", "place"),
    [
        (8, {"choices": choices(26)}, "data.choices"),
        (8, {"choices": choices(1, name="x" * 101)}, "data.choices.0.name"),
        (8, {"choices": choices(1, value="x" * 101)}, "data.choices.0.value"),
        (8, {"choices": choices(1, name="")}, "data.choices.0.name"),
        (9, form(), "data.components"),
        (9, form(*[label(number) for number in range(6)]), "data.components"),
        (9, form(label(), label()), "data.components.1.component.custom_id"),
        (9, form(label(), title="x" * 46), "data.title"),
        (9, form(label(), custom_id="x" * 101), "data.custom_id"),
        (9, form(label(label="x" * 46)), "data.components.0.label"),
        (9, form(label(description="x" * 101)), "data.components.0.description"),
        (9, form(label(component={"type": 4, "custom_id": "f", "style": 1, "max_length": 4001})),
         "data.components.0.component.max_length"),
        (9, form(label(component={"type": 19, "custom_id": "f", "max_values": 11})),
         "data.components.0.component.max_values"),
        (9, form(label(component={"type": 4, "custom_id": "f", "style": 1, "max_length": 3, "value": "four"})),
         "data.components.0.component.value"),
    ],
)  # fmt: skip
def test_an_answer_over_a_limit_is_refused_with_its_place(kind: int, data: Any, place: str) -> None:
    assert place in [line.partition(":")[0] for line in callback_faults(kind, data)]


def test_answers_at_their_limits_pass() -> None:
    assert callback_faults(8, {"choices": choices(25, name="x" * 100, value="x" * 100)}) == []
    assert callback_faults(9, form(*[label(number) for number in range(5)])) == []


@pytest.mark.parametrize("body", [{}, {"content": ""}, {"content": " \n"}, {"embeds": []}, {"content": None}])
def test_a_message_with_nothing_to_show_is_empty(body: dict[str, Any]) -> None:
    assert is_empty(body, 0)
    assert not is_empty(body, 1)


def test_the_error_tree_names_each_place() -> None:
    faulty = Faulty()
    faulty.add(("embeds", 0, "title"), "BASE_TYPE_MAX_LENGTH", "Must be 256 or fewer in length.")
    with pytest.raises(ApiError) as caught:
        faulty.raise_if_any()
    problem = {"code": "BASE_TYPE_MAX_LENGTH", "message": "Must be 256 or fewer in length."}
    assert caught.value.payload() == {
        "message": "Invalid Form Body",
        "code": 50035,
        "errors": {"embeds": {"0": {"title": {"_errors": [problem]}}}},
    }


async def test_an_empty_or_faulty_message_is_refused_over_http(platform: Any, bare: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    path = f"/channels/{channel.id}/messages"
    silent: dict[str, Any] = {"allowed_mentions": {"parse": []}}
    assert (await bare.ask("POST", path, silent))[1]["code"] == 50006
    status, error = await bare.ask("POST", path, silent | {"content": "x" * 2001})
    assert (status, error["code"], list(error["errors"])) == (400, 50035, ["content"])
    assert (channel.messages, len(platform.refusals)) == ([], 2)
