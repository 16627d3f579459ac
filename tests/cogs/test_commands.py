"""The whole tree: names, texts and limits, what Discord takes, and who may use what."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import pytest_asyncio
from discord import app_commands

from bot.access import PRESSED, TABLE, Action, Role
from bot.locales import Catalogue, Language, load
from bot.loopback import Member, Platform
from bot.models import Notice
from cogs._texts import said
from cogs._tree import Translator, action_of
from cogs.help import described
from tests.cogs.house import House, Room

CHAT = discord.AppCommandType.chat_input
ITEM = {"aliases", "identifiers", "any_of", "none_of", "sources", "channel", "dossier", "priority", "ref", "note"}
COMMANDS = {
    "setup": {"announcements", "operations", "log", "reporter", "editor", "language", "timezone"},
    "watch add": {"kind", "name"} | ITEM,
    "watch list": {"kind", "dossier"},
    "watch show": {"item"},
    "watch edit": {"item", "name"} | ITEM,
    "watch remove": {"item"},
    "watch restore": {"item"},
    "watch mute": {"item", "until"},
    "watch unmute": {"item"},
    "watch test": {"item", "query", "text"},
    "watch hits": {"item", "since", "until"},
    "watch import": {"file"},
    "watch export": set(),
    "tip add": {"text", "origin", "heard", "item", "dossier", "sensitive", "file", "embargo"},
    "tip list": {"status", "item", "dossier"},
    "tip show": {"tip"},
    "tip note": {"tip", "text"},
    "tip edit": {"tip"},
    "tip assign": {"tip", "member"},
    "tip status": {"tip", "status"},
    "tip promote": {"tip"},
    "tip embargo": {"tip", "until"},
    "tip reassign": {"from", "to"},
    "tip erase": {"tip"},
    "fact add": {"claim", "source", "origin", "quote", "date", "item", "dossier", "file", "embargo"},
    "fact show": {"fact"},
    "fact list": {"status", "item", "dossier", "since", "until"},
    "fact cite": {"fact", "source", "origin", "quote", "file"},
    "fact dispute": {"fact", "reason"},
    "fact correct": {"fact", "reason", "claim", "source", "origin", "quote", "number", "date"},
    "fact verify": {"fact", "reason"},
    "fact retract": {"fact", "reason"},
    "fact embargo": {"fact", "until"},
    "fact export": {"status", "item", "dossier", "since", "until", "separator"},
    "dossier create": {"name", "channel"},
    "dossier add": {"dossier", "thing"},
    "dossier list": set(),
    "dossier show": {"dossier"},
    "dossier close": {"dossier"},
    "dossier reopen": {"dossier"},
    "digest schedule": {"channel", "every", "at", "dossier"},
    "digest list": set(),
    "digest preview": {"digest"},
    "digest now": {"digest"},
    "digest remove": {"digest"},
    "search": {"query", "in", "since", "until"},
    "audit list": {"since"},
    "audit verify": set(),
    "why": {"notice"},
    "source list": set(),
    "source show": {"source"},
    "source check": {"source"},
    "source backfill": {"source", "since"},
    "source pause": {"source"},
    "source resume": {"source"},
    "help": set(),
}
"""What DESIGN.md section 4 asks of this release, without the options of later ones."""

MENUS = {
    "Log as fact": ("Noter comme fait", Action.FACT_ADD),
    "Log as tip": ("Noter comme tuyau", Action.TIP_ADD),
    "Check against the watchlist": ("Comparer à nos surveillances", Action.WATCH_TEST),
}
"""The menus of a message, each with its French name and what it is in the table of access."""

REQUIRED = {
    "watch add": {"kind", "name"},
    "watch show": {"item"},
    "watch edit": {"item"},
    "watch remove": {"item"},
    "watch restore": {"item"},
    "watch mute": {"item", "until"},
    "watch unmute": {"item"},
    "watch hits": {"item"},
    "watch import": {"file"},
    "tip show": {"tip"},
    "tip note": {"tip", "text"},
    "tip edit": {"tip"},
    "tip assign": {"tip", "member"},
    "tip status": {"tip", "status"},
    "tip promote": {"tip"},
    "tip embargo": {"tip"},
    "tip reassign": {"from", "to"},
    "tip erase": {"tip"},
    "fact show": {"fact"},
    "fact cite": {"fact", "source"},
    "fact dispute": {"fact", "reason"},
    "fact correct": {"fact", "reason"},
    "fact verify": {"fact"},
    "fact retract": {"fact", "reason"},
    "fact embargo": {"fact"},
    "dossier create": {"name"},
    "dossier add": {"dossier", "thing"},
    "dossier show": {"dossier"},
    "dossier close": {"dossier"},
    "dossier reopen": {"dossier"},
    "digest schedule": {"channel", "every", "at"},
    "digest preview": {"digest"},
    "digest now": {"digest"},
    "digest remove": {"digest"},
    "search": {"query"},
    "why": {"notice"},
    "source show": {"source"},
    "source check": {"source"},
    "source backfill": {"source", "since"},
    "source pause": {"source"},
    "source resume": {"source"},
}
NAMES_OURS = {"notice", "item", "tip", "fact", "dossier", "digest", "thing", "source", "sources", "timezone", "at"}
"""Options that name a thing of ours, or of a list that we know."""
SHARED = {"setup", "help"} | {command for command in COMMANDS if command.startswith("source ")}
"""Commands that are about nothing that a newsroom entered."""
WORDS = {("fact add", "source"), ("fact cite", "source"), ("fact correct", "source")}
"""What is called like a thing of ours, and is typed."""
COMPLETED = {
    (name, option)
    for name, options in COMMANDS.items()
    for option in options & NAMES_OURS
    if (name, option) not in WORDS
} | {("tip reassign", "from"), *((f"fact {verb}", "origin") for verb in ("add", "cite", "correct"))}
TYPED = {
    "from": "",
    "sources": "boa",
    "source": "boa",
    "timezone": "par",
    "dossier": "cam",
    "tip": "axon",
    "fact": "axon",
    "digest": "chaque",
    "notice": "achat",
    "at": "8",
}
"""What is typed to have something proposed."""


@dataclass(frozen=True, slots=True)
class Full:
    """Hold a newsroom in which everything that a command can name is called Axon, and its dossiers Caméras."""

    house: House
    room: Room

    async def entered(self) -> tuple[int, ...]:
        """Return how much people entered in this newsroom, changes included."""
        async with self.house.app.database.read() as connection:
            row = await connection.one(
                """
                SELECT (SELECT count(*) FROM watch_item WHERE guild_id = ?1),
                    (SELECT count(*) FROM watch_item WHERE guild_id = ?1 AND removed_at IS NULL),
                    (SELECT count(*) FROM watch_item WHERE guild_id = ?1 AND muted_until IS NOT NULL),
                    (SELECT count(*) FROM tip_change WHERE guild_id = ?1),
                    (SELECT count(*) FROM fact_change WHERE guild_id = ?1),
                    (SELECT count(*) FROM citation WHERE guild_id = ?1),
                    (SELECT count(*) FROM dossier WHERE guild_id = ?1 AND closed_at IS NULL),
                    (SELECT count(*) FROM dossier_fact WHERE guild_id = ?1),
                    (SELECT count(*) FROM digest WHERE guild_id = ?1 AND removed_at IS NULL),
                    (SELECT count(*) FROM announcement WHERE guild_id = ?1 AND kind = 'digest'),
                    (SELECT count(*) FROM draft)
                """,
                self.room.guild.id,
            )
        assert row is not None
        return tuple(row)


def given(command: str, by: Member) -> dict[str, Any]:
    """Return what a person gives to a command: only what it needs, about things that are there in `full`."""
    known: dict[str, Any] = {
        "kind": "company",
        "name": "Taser",
        "item": "2" if command == "watch restore" else "1",
        "until": "2030-02-01",
        "since": "2026-01-01",
        "tip": "1",
        "fact": "1",
        "text": "un mot",
        "status": "confirmed",
        "source": "boamp" if command.startswith("source") else "Journal officiel du 12 mai, p. 4",
        "reason": "un mot",
        "dossier": "2" if command == "dossier reopen" else "1",
        "thing": "fait 1",
        "digest": "1",
        "channel": by.guild.channels[0],
        "every": "monday",
        "at": "18h",
        "query": "axon",
        "notice": "boamp:26-1",
        "file": by.upload("liste.csv", b"kind,name\ncompany,Taser\n"),
        "member": by,
        "from": str(by.id),
        "to": by,
    }
    return {name: known[name] for name in REQUIRED.get(command, ())}


in_one_house = pytest.mark.asyncio(loop_scope="module")
"""For the cells of a matrix: they ask one bot, in whose first newsroom none of them can change anything."""


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def filled(lasting_house: House) -> Full:
    return await fill(lasting_house)


@pytest.fixture
def full(filled: Full, unbroken: None) -> Full:  # noqa: ARG001  # a check at the end
    return filled


async def fill(house: House) -> Full:
    room = await house.newsroom(house.guild())
    await house.follow(room, room.editor, kind="company", name="Axon")
    await house.follow(room, room.editor, kind="company", name="Axon Ancien")
    await house.announce(room, await house.items(room), notice=Notice(id="26-1", source="boamp", title="Achat"))
    await room.editor.slash("watch remove", room.desk, item="2")
    await room.editor.slash("watch mute", room.desk, item="1", until="2030-01-01")
    await house.dossier(room, "Caméras")
    await house.dossier(room, "Caméras closes")
    await room.editor.slash("dossier close", room.desk, dossier="2")
    await room.editor.slash("digest schedule", room.desk, channel=room.desk, every="daily", at="08:30", dossier="1")
    await room.editor.slash("tip add", room.desk, text="Axon")
    await room.editor.slash(
        "fact add", room.desk, claim="Axon", source="Journal officiel du 12 mai", origin="Axon Presse"
    )
    return Full(house, room)


async def payloads(house: House, kind: discord.AppCommandType = CHAT) -> list[dict[str, Any]]:
    tree = house.client.tree
    translator = tree.translator
    assert translator is not None
    return [await command.get_translated_payload(tree, translator) for command in tree.get_commands(type=kind)]


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
    assert names == {action.value for action in set(TABLE) - PRESSED}


async def test_the_menus_of_a_message_are_those_of_the_design_in_both_languages(house: House) -> None:
    found = {
        payload["name"]: payload["name_localizations"]["fr"]
        for payload in await payloads(house, discord.AppCommandType.message)
    }
    assert found == {name: french for name, (french, _) in MENUS.items()}


async def test_every_menu_is_an_action_of_the_table_of_access(house: House) -> None:
    menus = house.client.tree.get_commands(type=discord.AppCommandType.message)
    assert {menu.name: action_of(menu) for menu in menus} == {name: action for name, (_, action) in MENUS.items()}


async def test_there_is_no_menu_of_a_member(house: House) -> None:
    assert await payloads(house, discord.AppCommandType.user) == []


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
    for payload in [*await payloads(house), *await payloads(house, discord.AppCommandType.message)]:
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


@pytest.mark.parametrize("language", Language)
async def test_the_options_that_texts_name_are_called_so_in_that_language(house: House, language: Language) -> None:
    catalogue = load(language)
    commands = await described(house.client.tree, language)
    own = {catalogue.text(text_id) for text_id in catalogue.ids if text_id.startswith("optname-")}
    texts = [form for text_id in catalogue.ids for form in _forms(catalogue, text_id)]
    code = [name for text in texts for name in re.findall(r"`([^`]+)`", text)]
    named = {name for name in code if re.fullmatch(r"[a-zéè]{2,}(?:[-_][a-zéè]+)*", name)}
    for command in commands.values():
        for name in code:
            if name.startswith(f"{command.name} "):
                named.update(part.partition(":")[0] for part in name.removeprefix(command.name).split())
    below = {part for command in commands.values() for part in command.name.split()}
    assert named > {"any_of"}
    assert named - own - below == set()


def _forms(catalogue: Catalogue, text_id: str) -> list[str]:
    if text_id not in catalogue.plurals:
        return [catalogue.text(text_id)]
    return [catalogue.form(text_id, n) for n in (1, 2)]


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


@in_one_house
@pytest.mark.parametrize("command", COMMANDS)
async def test_a_stranger_is_refused_every_command(full: Full, command: str) -> None:
    before = await full.entered()
    who = full.room.stranger
    reply = await who.slash(command, full.room.desk, force=True, **given(command, who))
    assert reply.ephemeral
    assert "rôle de la rédaction" in reply.text
    assert not re.search("Axon|Caméras", reply.text)
    assert reply.attachments == []
    assert await full.entered() == before


@in_one_house
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - SHARED))
async def test_another_newsrooms_editor_reaches_nothing_by_any_command(full: Full, command: str) -> None:
    other = await full.house.newsroom(full.house.guild("L\u2019Autre"))
    before = await full.entered()
    reply = await other.editor.slash(command, other.desk, force=True, **given(command, other.editor))
    assert not re.search("Axon|Caméras", reply.text.replace("axon", ""))
    assert [file for file in reply.attachments if b"Axon" in file.data] == []
    assert (await full.entered())[:-1] == before[:-1]


@in_one_house
@pytest.mark.parametrize(("command", "option"), sorted(COMPLETED))
async def test_a_stranger_is_proposed_nothing(full: Full, command: str, option: str) -> None:
    room = full.room
    for typed in (TYPED.get(option, "ax"), "", "1"):
        proposed = await room.stranger.autocomplete(command, option=option, typed=typed, channel=room.desk, force=True)
        assert proposed == []


@in_one_house
@pytest.mark.parametrize(("command", "option"), sorted(COMPLETED - {("setup", "timezone")}))
async def test_another_newsrooms_editor_is_proposed_nothing_of_this_one(full: Full, command: str, option: str) -> None:
    other = await full.house.newsroom(full.house.guild("L\u2019Autre"))
    for typed in (TYPED.get(option, "ax"), "", "1"):
        proposed = await other.editor.autocomplete(command, option=option, typed=typed, channel=other.desk, force=True)
        assert [choice for choice in proposed if re.search("Axon|Caméras", choice.name)] == []


@in_one_house
@pytest.mark.parametrize(("command", "option"), sorted(COMPLETED))
async def test_an_administrator_is_proposed_something(full: Full, command: str, option: str) -> None:
    typed = TYPED.get(option, "ax")
    room = full.room
    assert await room.administrator.autocomplete(command, option=option, typed=typed, channel=room.desk)


@in_one_house
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"setup"}))
async def test_before_setup_names_roles_nobody_but_administrators_may_do_anything(full: Full, command: str) -> None:
    room = full.house.guild()
    reply = await room.reporter.slash(command, room.desk, force=True, **given(command, room.reporter))
    assert "n\u2019est pas encore réglée" in reply.text


@in_one_house
@pytest.mark.parametrize("command", sorted(set(COMMANDS) - SHARED))
async def test_before_setup_an_administrator_gets_a_sentence_and_no_error(full: Full, command: str) -> None:
    room = full.house.guild()
    who = room.administrator
    more: dict[str, dict[str, Any]] = {
        "tip add": {"text": "un mot"},
        "fact add": {"claim": "un mot", "source": "Journal officiel"},
    }
    reply = await who.slash(command, room.desk, **given(command, who), **more.get(command, {}))
    assert reply.ephemeral
    assert reply.text
    assert "référence" not in reply.text


@in_one_house
@pytest.mark.parametrize(
    "command", sorted(action.value for action in set(TABLE) - PRESSED if TABLE[action].others is Role.EDITOR)
)
async def test_a_reporter_is_refused_what_editors_do_with_what_others_entered(full: Full, command: str) -> None:
    before = await full.entered()
    who = full.room.reporter
    reply = await who.slash(command, full.room.desk, **given(command, who))
    assert "rédaction en chef" in reply.text
    assert reply.modal is None
    assert await full.entered() == before


@pytest.mark.parametrize("command", ["setup", "source check", "source backfill"])
async def test_an_editor_is_refused_what_administrators_do(room: Room, command: str) -> None:
    reply = await room.editor.slash(command, room.desk, force=True, **given(command, room.editor))
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
