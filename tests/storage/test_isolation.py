"""No query forgets its newsroom: the SQL of bot/storage is read from its syntax trees."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import bot.storage
from bot.models import AnnouncementKind, Held
from bot.reference import AnnouncementKey
from bot.storage import announcements, hits, newsrooms, watchlist
from bot.storage.announcements import Place
from bot.storage.database import Database
from bot.storage.migrations import available
from tests.factories import CHANNEL, GUILD, START, add_item, add_newsroom, make_item, make_notice, owe_notice

THERE, CHANNEL_THERE = 3001, 4001

OWN_ROW = "the delivery settles a row that it was handed, by our id"
DELIBERATE = {
    "announcements.of_notice": "an edited notice is edited wherever it was announced; the rows keep their newsrooms",
    "announcements._followed": "a notice is announced in every newsroom that follows its procedure, by place",
    "announcements.waiting": "the delivery serves the channels of all newsrooms, by place",
    "announcements.counts": "the operator's figures, without content",
    "announcements.owe_edit": OWN_ROW,
    "announcements.sent": OWN_ROW,
    "announcements.edited": OWN_ROW,
    "announcements.restate": OWN_ROW,
    "announcements.postpone": OWN_ROW,
    "announcements.unsent": OWN_ROW,
    "announcements.make_plain": OWN_ROW,
    "announcements.set_aside": OWN_ROW,
    "newsrooms.every": "the bot's own schedule goes through all newsrooms",
    "watchlist.live": "one automaton serves all newsrooms",
    "watchlist._change": "the condition is its callers', and is checked there",
}
"""The queries that are not of one newsroom, and why."""

OPERATORS = {"inspection": "what the operator sees at the command line: figures and channels of all newsrooms"}
"""The modules of which no query is of one newsroom, and why; nothing in `cogs` may import them."""

_READS_OR_CHANGES = re.compile(r"\b(SELECT|UPDATE|DELETE)\b")
_IS_BOUND = re.compile(r"\bguild_id\s*=\s*\?")


@dataclass(frozen=True)
class Query:
    function: str
    sql: str
    line: int

    def touches(self, tables: set[str]) -> bool:
        if self.sql.lstrip().startswith("INSERT"):
            return False
        is_condition = "WHERE" in self.sql and not _READS_OR_CHANGES.search(self.sql)
        named = re.findall(r"\b(?:FROM|JOIN|UPDATE(?: OR \w+)?|INTO)\s+(\w+)", self.sql)
        return is_condition or bool(_READS_OR_CHANGES.search(self.sql) and tables & set(named))


def guild_tables() -> set[str]:
    """Return the tables of which each row belongs to a newsroom."""
    scripts = "".join(migration.sql for migration in available())
    return {
        match[1]
        for match in re.finditer(r"CREATE TABLE (\w+) \((.*?)\n\)", scripts, re.DOTALL)
        if re.search(r"^\s+guild_id ", match[2], re.MULTILINE)
    }


def queries(module: str, source: str) -> Iterator[Query]:
    """Yield the SQL of each function of a module; constants of the module that it names are written out."""
    tree = ast.parse(source)
    constants: dict[str, str] = {}
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            constants[node.targets[0].id] = _text(node.value, constants)
    for function in tree.body:
        if isinstance(function, ast.AsyncFunctionDef | ast.FunctionDef):
            for call in ast.walk(function):
                if isinstance(call, ast.Call):
                    for argument in call.args:
                        if isinstance(argument, ast.Constant | ast.JoinedStr):
                            yield Query(f"{module}.{function.name}", _text(argument, constants), call.lineno)


def forgotten(module: str, source: str) -> list[str]:
    """Return the places of a module where a newsroom's table is read or changed without its guild id."""
    if module in OPERATORS:
        return []
    tables = guild_tables()
    return [
        f"{query.function}, line {query.line}"
        for query in queries(module, source)
        if query.touches(tables) and not _IS_BOUND.search(query.sql) and query.function not in DELIBERATE
    ]


def _text(node: ast.expr, constants: dict[str, str]) -> str:
    if isinstance(node, ast.Constant):
        return node.value if isinstance(node.value, str) else ""
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(part, constants) for part in node.values)
    if isinstance(node, ast.FormattedValue):
        return constants.get(node.value.id, "{}") if isinstance(node.value, ast.Name) else "{}"
    return ""


def _modules() -> list[Path]:
    return sorted(Path(bot.storage.__path__[0]).glob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.stem)
def test_no_query_of_a_newsrooms_table_forgets_the_newsroom(path: Path) -> None:
    assert forgotten(path.stem, path.read_text(encoding="utf-8")) == []


def test_no_command_in_discord_uses_what_is_for_the_operator() -> None:
    sources = Path(bot.storage.__path__[0]).parents[1].joinpath("cogs").glob("*.py")
    imports = (node for path in sources for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    used = {
        f"{node.module}.{alias.name}" for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert not {f"bot.storage.{module}" for module in OPERATORS} & used


def test_every_deliberate_query_of_all_newsrooms_still_is_one() -> None:
    found = {
        query.function
        for path in _modules()
        if path.stem not in OPERATORS
        for query in queries(path.stem, path.read_text(encoding="utf-8"))
        if query.touches(guild_tables()) and not _IS_BOUND.search(query.sql)
    }
    assert set(DELIBERATE) == found


@pytest.mark.parametrize(
    "sql",
    [
        "'SELECT name FROM watch_item WHERE id = ?'",
        "f'SELECT {_COLUMNS} FROM notice JOIN hit ON hit.notice_id = notice.id WHERE notice.id = ?'",
        "'DELETE FROM announcement WHERE id = ?'",
        "'UPDATE OR IGNORE channel SET floor_id = ?'",
        "'SELECT 1 FROM hit WHERE hit.guild_id = watch_item.guild_id'",
        "'removed_at = ? WHERE id = ?'",
    ],
)
def test_a_query_without_its_newsroom_would_be_found(sql: str) -> None:
    source = f"_COLUMNS = 'id'\nasync def leak(connection, guild_id):\n    await connection.all({sql}, guild_id)\n"
    assert forgotten("leaky", source) == ["leaky.leak, line 3"]


def test_a_query_of_shared_tables_needs_no_newsroom() -> None:
    source = "async def find(connection):\n    await connection.all('SELECT * FROM notice WHERE id = ?', 1)\n"
    assert forgotten("shared", source) == []


def test_the_tables_of_newsrooms_are_known() -> None:
    assert guild_tables() == {"newsroom", "channel", "watch_item", "hit", "announcement", "announcement_hit"}


@pytest.fixture
async def item_here(database: Database) -> int:
    """Store two newsrooms that watch the same thing and were told of the same notice; return the item of ours."""
    await add_newsroom(database)
    await add_newsroom(database, THERE, channel=CHANNEL_THERE, operations=None)
    here = await add_item(database, make_item(ref="A1"))
    await add_item(database, make_item(ref="A1", guild_id=THERE))
    await owe_notice(database, here, make_notice())
    assert here.id is not None
    return here.id


async def test_another_newsroom_cannot_find_an_item(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await watchlist.find(connection, THERE, item_here) is None


async def test_another_newsroom_does_not_list_an_item(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert item_here not in [item.id for item in await watchlist.every(connection, THERE)]


async def test_another_newsroom_cannot_remove_an_item(database: Database, item_here: int) -> None:
    async with database.tx("test.remove") as connection:
        assert not await watchlist.remove(connection, THERE, item_here, 8, START)


async def test_another_newsroom_cannot_mute_an_item(database: Database, item_here: int) -> None:
    async with database.tx("test.mute") as connection:
        assert not await watchlist.mute(connection, THERE, item_here, START)


async def test_another_newsroom_does_not_see_an_items_hits(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await hits.of_item(connection, THERE, item_here, 10) == []


async def test_another_newsroom_does_not_count_an_items_hits(database: Database, item_here: int) -> None:
    async with database.read() as connection:
        assert await hits.record(connection, THERE, item_here) == hits.ItemRecord(0, 0, None)


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_cannot_find_an_announcement_by_its_code(database: Database) -> None:
    async with database.read() as connection:
        ours = await announcements.get(connection, GUILD, 1)
        assert await announcements.by_code(connection, THERE, ours.code) is None


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_cannot_get_an_announcement(database: Database) -> None:
    async with database.read() as connection:
        with pytest.raises(LookupError):
            await announcements.get(connection, THERE, 1)


@pytest.mark.usefixtures("item_here")
async def test_another_newsroom_does_not_see_which_channels_are_parked(database: Database) -> None:
    async with database.tx("test.park") as connection:
        await newsrooms.park(connection, GUILD, CHANNEL, "deleted", START)
        assert await newsrooms.parked(connection, THERE) == {}


@pytest.mark.usefixtures("item_here")
async def test_a_name_that_another_newsroom_uses_is_free(database: Database) -> None:
    async with database.read() as connection:
        item = make_item(guild_id=THERE, name="autre")
        assert await watchlist.clash(connection, THERE, item, "autre") is None


@pytest.mark.usefixtures("item_here")
async def test_an_announcement_cannot_show_another_newsrooms_hit(database: Database) -> None:
    key = AnnouncementKey(guild_id=THERE, channel_id=CHANNEL_THERE, kind=AnnouncementKind.NOTICE, subject="x")
    async with database.tx("test.leak") as connection:
        owed = await announcements.owe(connection, key, now=START, notice_row=1)
        assert owed is not None
        with pytest.raises(Exception, match="FOREIGN KEY"):
            await announcements.link(connection, THERE, owed, 1)


@pytest.mark.usefixtures("item_here")
async def test_one_newsrooms_hold_says_nothing_of_anothers(database: Database) -> None:
    async with database.read() as connection:
        assert await hits.earlier(connection, THERE, 1) == {}
        assert Held.MUTED not in (await hits.earlier(connection, GUILD, 1)).values()


def test_a_place_tells_channels_of_two_newsrooms_apart() -> None:
    assert Place(GUILD, 1) != Place(THERE, 1)
