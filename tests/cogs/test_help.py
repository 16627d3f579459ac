from __future__ import annotations

import re

import pytest

from bot.access import PRESSED, TABLE, Role, allowed
from bot.locales import Language
from cogs.help import described
from tests.cogs.house import House, Room

FRENCH = {
    "watch add": "/veille ajouter",
    "watch remove": "/veille retirer",
    "tip promote": "/tuyau promouvoir",
    "fact cite": "/fait sourcer",
    "fact verify": "/fait vérifier",
    "dossier reopen": "/dossier rouvrir",
    "digest schedule": "/résumé planifier",
    "digest preview": "/résumé aperçu",
    "source list": "/source liste",
    "source check": "/source vérifier",
    "setup": "/réglages",
    "help": "/aide",
}


def named_in(help_text: str) -> set[str]:
    """Return the commands that a page of help lists: alone in bold, or below the bold name of their group."""
    found, group = set(), ""
    for line in help_text.splitlines():
        if match := re.match(r"\*\*(/\S+)\*\*", line):
            group = match[1]
            found.add(group)
        elif group:
            found.add(" ".join((group, re.split(r"\s*:", line)[0])))
    return found


@pytest.mark.parametrize(
    ("who", "role"), [("reporter", Role.REPORTER), ("editor", Role.EDITOR), ("administrator", Role.ADMINISTRATOR)]
)
async def test_help_lists_what_the_role_may_do_and_nothing_else(house: House, room: Room, who: str, role: Role) -> None:
    told = await described(house.client.tree, Language.FR)
    reply = await getattr(room, who).slash("help", room.desk)
    assert reply.ephemeral
    shown = {action for action in set(TABLE) - PRESSED if told[action].name in named_in(reply.text)}
    assert shown == set(allowed(role))


async def test_a_command_is_named_as_people_who_read_french_type_it(house: House) -> None:
    told = await described(house.client.tree, Language.FR)
    assert {action: told[action].name for action in FRENCH} == FRENCH


async def test_help_speaks_the_language_of_the_person(room: Room) -> None:
    reply = await room.reporter.slash("help", room.desk, locale="en-US")
    assert "**/watch**\nadd: Follow a company, an official or a keyword" in reply.text


@pytest.mark.parametrize("menu", ["Noter comme fait", "Noter comme tuyau", "Comparer à nos surveillances"])
async def test_help_tells_of_the_menus_of_a_message(room: Room, menu: str) -> None:
    reply = await room.reporter.slash("help", room.desk)
    assert f"*{menu}*" in reply.text


async def test_help_says_where_to_read_more(room: Room) -> None:
    reply = await room.administrator.slash("help", room.desk)
    assert "documentation" in reply.text


async def test_help_knows_the_commands_that_were_given_to_one_guild_only(house: House, room: Room) -> None:
    tree = house.client.tree
    everywhere = await described(tree, Language.FR)
    tree.copy_global_to(guild=house.client.get_guild(room.guild.id))  # type: ignore[arg-type]
    tree.clear_commands(guild=None)
    assert await described(tree, Language.FR, room.guild.id) == everywhere
