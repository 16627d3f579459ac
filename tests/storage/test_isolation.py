"""No query forgets its newsroom: the SQL of bot/storage is read from its syntax trees."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.storage.queries import STORAGE, newsroom_tables, queries

OWN_ROW = "the delivery settles a row that it was handed, by our id"
WORDS = "the words of a thing that the caller is storing or erasing in the same transaction, by our id"
DELIBERATE = {
    "following.places_of_procedure": "a notice is announced in every newsroom that follows its procedure, by place",
    "following.places_of_notice": "a notice is announced in every newsroom that follows it, by place",
    "following.telling_of": "an edited notice is edited wherever it was announced; the rows keep their newsrooms",
    "following._followed": "a notice is announced in every newsroom that follows its procedure, by place",
    "companions.gathering": "a poll is of all newsrooms; each has its own message, by place",
    "sending.waiting": "the delivery serves the channels of all newsrooms, by place",
    "announcements.release": "a poll is of all newsrooms, and so is its end",
    "announcements.owe_edit": OWN_ROW,
    "sending.sent": OWN_ROW,
    "sending.edited": OWN_ROW,
    "announcements.restate": OWN_ROW,
    "later.remake_continued": OWN_ROW,
    "later.remake_earlier": "a notice corrects what was told of its procedure in all newsrooms, message by message",
    "sending.postpone": OWN_ROW,
    "sending.unsent": OWN_ROW,
    "sending.make_plain": OWN_ROW,
    "sending.set_aside": OWN_ROW,
    "drafts.purge": "what was left in forms for too long goes, whoever's it is, unread",
    "full_text.index_tip": WORDS,
    "full_text.index_fact": WORDS,
    "full_text.forget_tip": WORDS,
    "digests.newest": "a watermark is a number of rows of all newsrooms, and tells nothing of theirs",
    "follow_ups.last_row": "the number of the newest row of all newsrooms tells nothing of theirs",
    "_values.next_id": "a number given to nobody yet tells nothing of the newsrooms that have the others",
    "audit.waiting_to_be_sealed": "what was there before the audit log is sealed in all newsrooms, when the bot starts",
    "verifying.newsrooms": "a database is verified whole, newsroom by newsroom",
    "verifying.is_anywhere": "a row that was moved to another newsroom is still there: only whether is asked",
    "embargoes.over": "the bot's own schedule goes through all newsrooms",
    "erasing.count": "a backup is of all newsrooms",
    "hidden.read": "what was hidden is hidden again in a backup that is restored, in all newsrooms",
    "erased.read": "what was erased is erased again in a backup that is restored, in all newsrooms",
    "sightings.last_known": "a restore is of all newsrooms",
    "sightings.begin": "a restore is of all newsrooms",
    "sightings._highest_of": "a number is given once, whichever newsroom it is for",
    "digests.of_all": "the bot's own schedule goes through all newsrooms",
    "newsrooms.every": "the bot's own schedule goes through all newsrooms",
    "retention.old_unused": "a text is kept while any newsroom has to do with its notice",
    "retention.drop_texts": "a text is kept while any newsroom has to do with its notice",
    "backfills.find_open": "the history of a source is read once for all newsrooms",
    "source_pauses.pausing": "a poll is of all newsrooms; each holds back its own hits",
    "quieting.held": "the bot's own schedule goes through all newsrooms; each is judged alone",
    "storms.crowds": "a poll is of all newsrooms; each is judged alone, by place",
    "storms.places_of_notice": "a notice is told of by storms in every newsroom, by place",
    "routes.of_dossiers": "a poll is of all newsrooms: where its items lead, each item of one newsroom alone",
    "watchlist.live": "one automaton serves all newsrooms",
    "watchlist.changed_since": "one automaton serves all newsrooms",
    "watchlist.watched_identifiers": "a source is read for the items of all newsrooms at once",
    "spool.Spool._absent": "a poll's temporary file has no newsroom's table",
    "watchlist._change": "the condition is its callers', and is checked there",
}
"""The queries that are not of one newsroom, and why."""

OPERATORS = {"inspection": "what the operator sees at the command line: figures and channels of all newsrooms"}
"""The modules of which no query is of one newsroom, and why; nothing in `cogs` may import them."""

FRAGMENTS = """
FROM_TIP: Final = "FROM tip JOIN tip_revision ON tip_revision.tip_id = tip.id"
COUNTED = "SELECT count(*) " + FROM_TIP
OURS: Final = "tip.guild_id = ?"
"""
TAKING = """\
from bot.storage import parts
from bot.storage.parts import COUNTED, FROM_TIP
from bot.storage.parts import OURS as _OURS
_COLUMNS = "id"
_FACTS: Final = "SELECT id FROM fact WHERE id = ?"
"""
"""A module from which another takes parts of its queries, and the head of that other one."""


def forgotten(module: str, source: str, folder: Path = STORAGE) -> list[str]:
    """Return the places of a module where a newsroom's table is read or changed without its guild id."""
    if module in OPERATORS:
        return []
    return [
        f"{query.function}, line {query.line}"
        for query in queries(module, source, folder)
        if query.forgets(newsroom_tables()) and query.function not in DELIBERATE
    ]


def _modules() -> list[Path]:
    return sorted(STORAGE.rglob("*.py"))


@pytest.mark.parametrize("path", _modules(), ids=lambda path: path.stem)
def test_no_query_of_a_newsrooms_table_forgets_the_newsroom(path: Path) -> None:
    assert forgotten(path.stem, path.read_text(encoding="utf-8")) == []


def test_no_command_in_discord_uses_what_is_for_the_operator() -> None:
    sources = STORAGE.parents[1].joinpath("cogs").rglob("*.py")
    imports = (node for path in sources for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    used = {
        f"{node.module}.{alias.name}" for node in imports if isinstance(node, ast.ImportFrom) for alias in node.names
    }
    assert not {f"bot.storage.custody.{module}" for module in OPERATORS} & used


def test_every_deliberate_query_of_all_newsrooms_still_is_one() -> None:
    found = {
        query.function
        for path in _modules()
        if path.stem not in OPERATORS
        for query in queries(path.stem, path.read_text(encoding="utf-8"))
        if query.forgets(newsroom_tables())
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
        "'SELECT 1 FROM notice, tip WHERE tip.id = notice.id'",
        "'SELECT rowid FROM tip_words WHERE tip_words MATCH ?'",
        "'SELECT id FROM tip WHERE guild_id = ? UNION ALL SELECT id FROM fact WHERE id = ?'",
        "'INSERT INTO fact_change (number) SELECT changes FROM fact WHERE id = ?'",
        "'INSERT OR REPLACE INTO tip (id, guild_id) VALUES (?, ?)'",
        "'INSERT INTO tip (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET owner = 7'",
        "f'SELECT 1 FROM {table} WHERE id = ?'",
        "f'UPDATE {_TABLES[kind]} SET status = ? WHERE id = ?'",
        "'SELECT id FROM fact ' + condition",
        "'SELECT id FROM {} WHERE id = ?'.format(table)",
        "'SELECT id FROM {table} WHERE id = ?'.format(table=table)",
        "'SELECT id FROM %s WHERE id = ?' % table",
        "_FACTS",
        "f'{_FACTS} AND status = ?'",
        "_FACTS + ' ORDER BY id'",
        "f'SELECT id {FROM_TIP} WHERE tip.id = ?'",
        "f'SELECT id {parts.FROM_TIP} WHERE tip.id = ?'",
        "COUNTED",
        "parts.COUNTED",
        "('SELECT id FROM tip' if guild_id else 'SELECT 1')",
    ],
)
@pytest.mark.parametrize("place", ["await connection.all({sql}, guild_id)", "sql = {sql}", "run(sql={sql})"])
def test_a_query_without_its_newsroom_would_be_found(tmp_path: Path, sql: str, place: str) -> None:
    (tmp_path / "parts.py").write_text(FRAGMENTS, encoding="utf-8")
    source = f"{TAKING}async def leak(connection, guild_id, table, condition):\n    {place.format(sql=sql)}\n"
    assert forgotten("leaky", source, tmp_path) == ["leaky.leak, line 7"]


@pytest.mark.parametrize(
    ("source", "place"),
    [
        ("class Log:\n    def leak(self):\n        run('DELETE FROM tip')\n", "Log.leak, line 3"),
        ("def outer():\n    def leak():\n        run('DELETE FROM tip')\n", "outer, line 3"),
        ("_PURGES = {\n    'tip': 'DELETE FROM tip WHERE id = ?',\n}\n", "_PURGES, line 2"),
        (
            "_PURGES: Final = (\n    'DELETE FROM tip',\n    'DELETE FROM fact WHERE guild_id = ?',\n)\n",
            "_PURGES, line 2",
        ),
    ],
)
def test_a_query_without_its_newsroom_would_be_found_wherever_it_stands(source: str, place: str) -> None:
    assert forgotten("leaky", source) == [f"leaky.{place}"]


@pytest.mark.parametrize(
    "sql",
    [
        "'SELECT * FROM notice WHERE id = ?'",
        "'SELECT rowid FROM notice_words WHERE notice_words MATCH ?'",
        "f'SELECT id FROM {table} WHERE {table}.guild_id = ?'",
        "f'SELECT id {FROM_TIP} WHERE {_OURS}'",
        "f'{COUNTED} WHERE {parts.OURS}'",
        "'SELECT rowid FROM tip_words JOIN tip ON tip.id = tip_words.rowid WHERE tip_words MATCH ? AND guild_id = ?'",
        "'SELECT id FROM tip WHERE guild_id = ? UNION ALL SELECT id FROM fact WHERE guild_id = ?'",
        "'INSERT INTO fact_change (number) SELECT changes FROM fact WHERE guild_id = ? AND id = ?'",
        "\"SELECT group_concat(name, '; ') FROM dossier WHERE guild_id = ?\"",
        "'INSERT INTO tip (guild_id) VALUES (?) ON CONFLICT DO NOTHING RETURNING id'",
        "'INSERT INTO newsroom (guild_id) VALUES (?) ON CONFLICT (guild_id) DO UPDATE SET language = ?'",
    ],
)
def test_a_query_with_its_newsroom_or_of_shared_tables_passes(tmp_path: Path, sql: str) -> None:
    (tmp_path / "parts.py").write_text(FRAGMENTS, encoding="utf-8")
    source = f"{TAKING}async def find(connection, guild_id, table):\n    await connection.all({sql}, guild_id)\n"
    assert forgotten("sound", source, tmp_path) == []


def test_the_tables_of_newsrooms_are_known() -> None:
    assert newsroom_tables() == {
        "newsroom", "channel", "watch_item", "hit", "announcement", "announcement_hit", "announcement_companion",
        "dismissal", "source_pause", "backfill",
        "dossier", "dossier_item", "dossier_tip", "dossier_fact", "draft",
        "tip", "tip_revision", "tip_change", "tip_item", "tip_words",
        "fact", "fact_revision", "fact_change", "fact_item", "fact_words", "citation",
        "digest", "digest_slot", "digest_fact", "digest_tip", "known_fact", "known_tip",
        "member", "sighting", "reminder", "export", "audit", "audit_opening", "audit_head", "take", "procedure_follow",
    }  # fmt: skip
