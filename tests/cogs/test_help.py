from __future__ import annotations

import pytest

from bot.access import Role, allowed
from bot.locales import Language
from cogs.help import described
from tests.cogs.house import House, Room

FRENCH = {
    "watch add": "/veille ajouter",
    "watch remove": "/veille retirer",
    "source list": "/source liste",
    "source check": "/source vérifier",
    "setup": "/réglages",
    "help": "/aide",
}


@pytest.mark.parametrize(
    ("who", "role"), [("reporter", Role.REPORTER), ("editor", Role.EDITOR), ("administrator", Role.ADMINISTRATOR)]
)
async def test_help_lists_what_the_role_may_do_and_nothing_else(room: Room, who: str, role: Role) -> None:
    reply = await getattr(room, who).slash("help", room.desk)
    assert reply.ephemeral
    for action, name in FRENCH.items():
        assert (f"**{name}**" in reply.text) == (action in allowed(role))


async def test_help_speaks_the_language_of_the_person(room: Room) -> None:
    reply = await room.reporter.slash("help", room.desk, locale="en-US")
    assert "**/watch add**: Follow a company, an official or a keyword" in reply.text


async def test_help_says_where_to_read_more(room: Room) -> None:
    reply = await room.reporter.slash("help", room.desk)
    assert "documentation" in reply.text


async def test_help_knows_the_commands_that_were_given_to_one_guild_only(house: House, room: Room) -> None:
    tree = house.client.tree
    everywhere = await described(tree, Language.FR)
    tree.copy_global_to(guild=house.client.get_guild(room.guild.id))  # type: ignore[arg-type]
    tree.clear_commands(guild=None)
    assert await described(tree, Language.FR, room.guild.id) == everywhere
