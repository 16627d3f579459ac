"""The whole tree: names, texts and limits, what Discord takes, and who may use what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import discord
import pytest
from discord import app_commands

from bot.access import TABLE, Action
from bot.locales import Language, load
from bot.loopback import Platform
from cogs._texts import said
from cogs._tree import Translator
from cogs.help import described
from tests.cogs.house import House, Room

COMMANDS = {
    "setup": {"announcements", "operations", "log", "reporter", "editor", "language", "timezone"},
    "watch add": {
        *("kind", "name", "aliases", "identifiers", "any_of", "none_of", "sources", "channel", "priority", "ref"),
        "note",
    },
    "watch list": {"kind"},
    "watch show": {"item"},
    "watch remove": {"item"},
    "watch restore": {"item"},
    "watch test": {"item", "query", "text"},
    "source list": set(),
    "source show": {"source"},
    "source check": {"source"},
    "help": set(),
}
"""What DESIGN.md section 4 asks of this release, without the options of later ones."""

REQUIRED = {
    "watch add": {"kind", "name"},
    "watch show": {"item"},
    "watch remove": {"item"},
    "watch restore": {"item"},
    "source show": {"source"},
    "source check": {"source"},
}
COMPLETED = {
    ("setup", "timezone"),
    ("watch add", "sources"),
    ("watch show", "item"),
    ("watch remove", "item"),
    ("watch restore", "item"),
    ("watch test", "item"),
    ("source show", "source"),
    ("source check", "source"),
}
TYPED_IN: dict[str, dict[str, Any]] = {
    "watch add": {"kind": "company", "name": "Axon"},
    "watch show": {"item": "1"},
    "watch remove": {"item": "1"},
    "watch restore": {"item": "1"},
    "source show": {"source": "boamp"},
    "source check": {"source": "boamp"},
}


async def payloads(house: House) -> list[dict[str, Any]]:
    tree = house.client.tree
    translator = tree.translator
    assert translator is not None
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands()]


def leaves(payload: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    name = f"{path}{payload['name']}"
    below = [option for option in payload.get("options") or [] if option["type"] in {1, 2}]
    for option in below:
        yield from leaves(option, f"{name} ")
    if not below:
        yield name, payload


def every_thing(payload: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield payload
    for option in payload.get("options") or []:
        yield from every_thing(option)


async def test_the_commands_and_options_are_those_of_the_design(house: House) -> None:
    found = {
        name: {option["name"] for option in leaf.get("options") or []}
        for payload in await payloads(house)
        for name, leaf in leaves(payload)
    }
    assert found == COMMANDS


async def test_only_what_is_needed_is_required(house: House) -> None:
    required = {
        name: {option["name"] for option in leaf.get("options") or [] if option.get("required")}
        for payload in await payloads(house)
        for name, leaf in leaves(payload)
    }
    assert {name: options for name, options in required.items() if options} == REQUIRED


async def test_every_option_that_names_a_thing_of_ours_autocompletes(house: House) -> None:
    found = {
        (name, option["name"])
        for payload in await payloads(house)
        for name, leaf in leaves(payload)
        for option in leaf.get("options") or []
        if option.get("autocomplete")
    }
    assert found == COMPLETED


async def test_every_command_is_in_the_table_of_access_and_the_table_has_no_other(house: House) -> None:
    names = {name for payload in await payloads(house) for name, _ in leaves(payload)}
    assert names == {action.value for action in TABLE} - {Action.WATCH_MUTE.value}


async def test_every_name_and_description_has_its_french(house: House) -> None:
    lacking = [
        thing["name"]
        for payload in await payloads(house)
        for thing in every_thing(payload)
        if "fr" not in (thing.get("name_localizations") or {})
        or "fr" not in (thing.get("description_localizations") or {})
    ]
    assert lacking == []


async def test_every_choice_has_its_french(house: House) -> None:
    choices = [
        choice
        for payload in await payloads(house)
        for thing in every_thing(payload)
        for choice in thing.get("choices") or []
    ]
    assert choices
    assert [choice["value"] for choice in choices if "fr" not in (choice.get("name_localizations") or {})] == []


async def test_descriptions_have_at_most_70_characters_in_both_languages(house: House) -> None:
    long = [
        text
        for payload in await payloads(house)
        for thing in every_thing(payload)
        for text in (thing["description"], *(thing.get("description_localizations") or {}).values())
        if len(text) > 70
    ]
    assert long == []


async def test_names_are_lower_case_and_unique_at_their_level_in_both_languages(house: House) -> None:
    name = re.compile(r"[-_\w]{1,32}")
    levels = [await payloads(house)]
    while levels:
        level = levels.pop()
        for language in (None, "fr"):
            names = [(thing.get("name_localizations") or {}).get(language, thing["name"]) for thing in level]
            assert len(names) == len(set(names))
            assert [one for one in names if not name.fullmatch(one) or one != one.lower()] == []
        levels += [thing["options"] for thing in level if thing.get("options")]


async def test_commands_are_for_guilds_only_and_setup_is_hidden_from_most(house: House) -> None:
    for payload in await payloads(house):
        assert payload["contexts"] == [0]
        expected = str(1 << 5) if payload["name"] == "setup" else None
        assert (payload["default_member_permissions"] and str(payload["default_member_permissions"])) == expected


@pytest.mark.parametrize("language", Language)
async def test_the_commands_that_texts_name_exist(house: House, language: Language) -> None:
    names = sorted(
        (shown.name for shown in (await described(house.client.tree, language)).values()), key=len, reverse=True
    )
    catalogue = load(language)
    texts = [catalogue.text(text_id) for text_id in catalogue.ids - catalogue.plurals]
    named = [name for text in texts for name in re.findall(r"`(/[^`]+)`", text)]
    assert named
    assert [name for name in named if not any(name == one or name.startswith(f"{one} ") for one in names)] == []


async def test_discord_is_given_the_commands_once_and_again_only_when_they_changed(
    house: House, platform: Platform
) -> None:
    assert platform.syncs == 1
    await house.client._sync(None, is_used=True)
    assert platform.syncs == 1
    house.client.tree.remove_command("help")
    await house.client._sync(None, is_used=True)
    assert platform.syncs == 2


@pytest.mark.parametrize(
    ("locale", "expected"),
    [(discord.Locale.french, "veille"), (discord.Locale.british_english, None), (discord.Locale.german, None)],
)
async def test_only_french_is_translated_and_the_rest_keeps_the_base(
    locale: discord.Locale, expected: str | None
) -> None:
    context: Any = None
    assert await Translator().translate(said("cmdname-watch"), locale, context) == expected


async def test_a_text_that_is_none_of_ours_is_left_alone() -> None:
    context: Any = None
    assert await Translator().translate(app_commands.locale_str("x"), discord.Locale.french, context) is None


@pytest.mark.parametrize("command", COMMANDS)
async def test_a_stranger_is_refused_every_command(house: House, room: Room, command: str) -> None:
    await house.follow(room, kind="company", name="Axon")
    reply = await room.stranger.slash(command, room.desk, force=True, **TYPED_IN.get(command, {}))
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text
    assert "Axon" not in reply.text
    assert len(await house.items(room)) == 1


@pytest.mark.parametrize(("command", "option"), sorted(COMPLETED))
async def test_a_stranger_is_proposed_nothing(house: House, room: Room, command: str, option: str) -> None:
    await house.follow(room, kind="company", name="Axon")
    typed = {"sources": "boa", "source": "boa", "timezone": "par"}.get(option, "ax")
    proposed = await room.stranger.autocomplete(command, option=option, typed=typed, channel=room.desk, force=True)
    assert proposed == []


@pytest.mark.parametrize(("command", "option"), sorted(COMPLETED - {("watch restore", "item")}))
async def test_an_administrator_is_proposed_something(house: House, room: Room, command: str, option: str) -> None:
    await house.follow(room, kind="company", name="Axon")
    typed = {"sources": "boa", "source": "boa", "timezone": "par"}.get(option, "ax")
    assert await room.administrator.autocomplete(command, option=option, typed=typed, channel=room.desk)


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"setup"}))
async def test_before_setup_names_roles_nobody_but_administrators_may_do_anything(house: House, command: str) -> None:
    room = house.guild()
    reply = await room.reporter.slash(command, room.desk, force=True, **TYPED_IN.get(command, {}))
    assert "n\u2019est pas encore réglée" in reply.text


@pytest.mark.parametrize("command", ["setup", "source check"])
async def test_an_editor_is_refused_what_administrators_do(room: Room, command: str) -> None:
    reply = await room.editor.slash(command, room.desk, force=True, **TYPED_IN.get(command, {}))
    assert "Seule une personne qui gère le serveur" in reply.text


async def test_a_command_that_is_no_longer_ours_says_how_to_get_the_new_ones(house: House, room: Room) -> None:
    house.client.tree.remove_command("help")
    reply = await room.reporter.slash("help", room.desk)
    assert "Ctrl+R" in reply.text


async def test_a_command_whose_options_changed_says_how_to_get_the_new_ones(
    house: House, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    group = house.client.tree.get_command("watch")
    assert isinstance(group, app_commands.Group)
    command = group.get_command("show")
    assert isinstance(command, app_commands.Command)
    monkeypatch.setattr(command._params["item"], "_rename", "other")
    reply = await room.reporter.slash("watch show", room.desk, item="1")
    assert "Ctrl+R" in reply.text
