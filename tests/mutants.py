"""Break the bot on purpose, one way at a time on a copy, and show which test notices (`make mutants`).

A mutant that no test notices is a fault of the tests, and ends the program with status 1.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
COPIED = ("bot", "cogs", "migrations", "tests", "docs", "pyproject.toml", "config.example.toml", "README.md")

LOG = "tests/e2e/test_log.py"
MACHINE = "tests/test_log_machine.py"
DISMISSED = "tests/pipeline/test_dismissed_machine.py"
YEARS = "tests/digest/test_simulation.py::test_in_two_years_no_digest_is_missed_or_doubled_and_each_hit_is_in_one"


@dataclass(frozen=True)
class Mutant:
    """Name a way to break the bot: in `file`, each `before` becomes `after`; `tests` are those that should notice."""

    name: str
    file: str
    before: str
    after: str
    tests: tuple[str, ...]


MUTANTS = (
    Mutant(
        "allowed mentions removed",
        "bot/client.py",
        "            allowed_mentions=discord.AllowedMentions.none(),\n",
        "",
        ("tests/e2e/test_life.py::test_a_member_without_a_role_gets_a_sentence_and_nothing_else",),
    ),
    Mutant(
        "add_dynamic_items removed",
        "cogs/watch/__init__.py",
        "    bot.add_dynamic_items(*COMPONENTS)\n",
        "",
        ("tests/e2e/test_life.py::test_mute_works_after_a_restart_before_anything_else_was_sent",),
    ),
    Mutant(
        "a defer that comes late",
        "cogs/_replies.py",
        "    await interaction.response.defer(",
        "    await __import__('asyncio').sleep(3.2)\n    await interaction.response.defer(",
        ("tests/e2e/test_first_path.py::test_a_matching_tender_is_announced_once_with_its_reason",),
    ),
    Mutant(
        "over 25 choices",
        "bot/lookup.py",
        "PROPOSALS = 25",
        "PROPOSALS = 26",
        ("tests/e2e/test_life.py::test_a_long_watchlist_offers_no_more_choices_than_discord_takes",),
    ),
    Mutant(
        "marking sent before the POST",
        "bot/delivery.py",
        "            if not await announcements.begin(connection, place, row.id, now, shows=shows,"
        " remade=row.remade):\n                return\n",
        "            if not await announcements.begin(connection, place, row.id, now):\n                return\n"
        "            await self._mark_sent(connection, row, None, composed, composed.revision)\n",
        ("tests/e2e/test_crash_sweep.py::test_nothing_is_lost_and_nothing_comes_twice",),
    ),
    Mutant(
        "a random nonce",
        "cogs/_sender.py",
        "                nonce=nonce,\n",
        "                nonce=__import__('secrets').token_hex(12),\n",
        ("tests/e2e/test_discord_fails.py::test_a_message_is_tried_again_under_the_same_nonce",),
    ),
    Mutant(
        "a query without its guild id",
        "bot/storage/watchlist.py",
        "WHERE guild_id = ? AND removed_at IS NULL AND (? IS NULL OR kind = ?)",
        "WHERE ? AND removed_at IS NULL AND (? IS NULL OR kind = ?)",
        ("tests/e2e/test_life.py::test_another_newsroom_on_the_same_bot_sees_and_hears_nothing",),
    ),
    Mutant(
        "the lock taken out of tx()",
        "bot/storage/database.py",
        "        async with self._write_lock:\n",
        "        async with asyncio.timeout(None):\n",
        ("tests/storage/test_transactions.py",),
    ),
    Mutant(
        "sensitive tips listed for everybody",
        "bot/storage/tips.py",
        "AND tip.guild_id = ?6 AND {SEEN}\n            ORDER BY",
        "AND tip.guild_id = ?6 AND (1 OR {SEEN})\n            ORDER BY",
        (f"{LOG}::test_a_sensitive_tip_is_nowhere_but_before_its_author_its_owner_and_editors",),
    ),
    Mutant(
        "sensitive tips found by everybody",
        "bot/storage/full_text.py",
        "AND {_LOGGED} AND {SEEN}",
        "AND {_LOGGED} AND (1 OR {SEEN})",
        (f"{LOG}::test_search_folds_accents_and_apostrophes_and_counts_for_each_person",),
    ),
    Mutant(
        "the words of a tip that became sensitive left standing",
        "bot/publishing.py",
        "        await shown.withdraw(connection, thing.guild_id, kind, thing.id)\n",
        "        await shown.withdraw(connection, thing.guild_id, kind, thing.id)\n        return []\n",
        (f"{LOG}::test_a_tip_that_becomes_sensitive_is_hidden_where_it_was_shown",),
    ),
    Mutant(
        "facts of every newsroom listed",
        "bot/storage/facts.py",
        "WHERE fact.guild_id = ?6 AND fact.id IN (\n            SELECT fact.id FROM fact"
        " WHERE {gathered(ThingKind.FACT, wanted)} AND fact.guild_id = ?6",
        "WHERE fact.id IN (\n            SELECT fact.id FROM fact WHERE {gathered(ThingKind.FACT, wanted)} AND ?6",
        (f"{LOG}::test_a_tip_heard_last_tuesday_becomes_a_fact_and_strangers_see_nothing_at_any_step",),
    ),
    Mutant(
        "a fact of another newsroom found by its number",
        "bot/storage/facts.py",
        "{_FROM} WHERE fact.guild_id = ? AND fact.id = ?",
        "{_FROM} WHERE ? AND fact.id = ?",
        (f"{LOG}::test_no_forged_button_or_form_lets_strangers_see_or_change_anything",),
    ),
    Mutant(
        "an edit that overwrites",
        "bot/storage/tips.py",
        "    await _add_version(connection, tip.guild_id, tip.id, tip.revision + 1, words, reason, by, now)\n",
        "    await connection.run('DELETE FROM tip_revision WHERE guild_id = ? AND tip_id = ?', tip.guild_id, tip.id)\n"
        "    await _add_version(connection, tip.guild_id, tip.id, tip.revision + 1, words, reason, by, now)\n",
        (f"{MACHINE}::test_whatever_people_do_the_log_is_as_the_model_says",),
    ),
    Mutant(
        "a correction that leaves the fact verified",
        "bot/storage/facts.py",
        "status = 'logged', verified_by = NULL, verified_at = NULL\n",
        "status = status\n",
        (f"{MACHINE}::test_whatever_people_do_the_log_is_as_the_model_says",),
    ),
    Mutant(
        "one's own correction verified",
        "bot/facts/changes.py",
        "if viewer.user_id in {fact.logged_by, fact.corrected_by}:",
        "if viewer.user_id == fact.logged_by:",
        (f"{LOG}::test_a_tip_heard_last_tuesday_becomes_a_fact_and_strangers_see_nothing_at_any_step",),
    ),
    Mutant(
        "two people who correct at once",
        "bot/tips/changes.py",
        "        if tip.revision != seen:\n",
        "        if tip.revision < seen:\n",
        (f"{MACHINE}::test_whatever_commands_people_use_the_log_is_as_the_model_says",),
    ),
    Mutant(
        "a form that is taken twice",
        "bot/storage/drafts.py",
        '"DELETE FROM draft WHERE guild_id = ? AND person = ? AND id = ?"',
        '"UPDATE draft SET id = id WHERE guild_id = ? AND person = ? AND id = ?"',
        (f"{LOG}::test_a_form_that_was_open_during_a_restart_is_taken_once",),
    ),
    Mutant(
        "a cell that runs",
        "bot/csv_cells.py",
        """return f"'{text}" if _RUNS.match(text) else text""",
        "return text",
        (f"{LOG}::test_nothing_that_is_exported_can_run_as_a_formula",),
    ),
    Mutant(
        "a card marked as edited before it is",
        "bot/delivery.py",
        "        shown: dict[str, object] | None = _kept(composed.card)\n",
        "        shown: dict[str, object] | None = _kept(composed.card)\n"
        "        await self._edited(row, shown, composed.revision)\n",
        ("tests/e2e/test_crash_sweep.py::test_what_people_log_is_stored_once_and_its_card_stands_once",),
    ),
    Mutant(
        "a tip stored apart from the card that it owes",
        "bot/tips/changes.py",
        "        return Changed(tip, await publish(connection, tip, now))\n\n\nasync def edit(",
        "    async with database.tx('tip.published') as connection:\n"
        "        return Changed(tip, await publish(connection, tip, now))\n\n\nasync def edit(",
        ("tests/e2e/test_crash_sweep.py::test_what_people_log_is_stored_once_and_its_card_stands_once",),
    ),
    Mutant(
        "an announcement taken back that gives its id to the next one",
        "migrations/0003_digests.sql",
        "    id INTEGER PRIMARY KEY AUTOINCREMENT,\n",
        "    id INTEGER PRIMARY KEY,\n",
        ("tests/test_publishing.py",),
    ),
    Mutant(
        "a digest that tells what a poll may still make a storm of",
        "bot/storage/digests.py",
        "            WHERE polled IS NOT NULL),\n",
        "            WHERE polled IS NOT NULL AND 0),\n",
        ("tests/pipeline/test_storm_and_digest.py",),
    ),
    Mutant(
        "a digest passed over that is made after all once the clock is set back",
        "bot/storage/digests.py",
        "AND (local_date = ?3 OR (local_date > ?3 AND made_at <= ?4))",
        "AND local_date = ?3 AND ?4",
        (YEARS,),
    ),
    Mutant(
        "a clock a year ahead for an hour that silences a digest for a year",
        "bot/storage/digests.py",
        "(local_date > ?3 AND made_at <= ?4)",
        "(local_date > ?3 AND ?4)",
        (YEARS,),
    ),
    Mutant(
        "hits that are never marked as told",
        "bot/storage/digest_hits.py",
        "UPDATE hit SET digest = 'told'",
        "UPDATE hit SET digest = digest",
        (YEARS,),
    ),
    Mutant(
        "a digest that forgets how far it came",
        "bot/digest/digester.py",
        "        await digests.advance(connection, digest, gathered.upto, now)\n",
        "",
        (YEARS,),
    ),
    Mutant(
        "a message that waits for the day that a wrong clock named",
        "bot/storage/announcements.py",
        "return not now < next_try_at <= now + LONGEST_WAIT",
        "return next_try_at <= now",
        (YEARS, "tests/test_delivery_clock.py"),
    ),
    Mutant(
        "a poll that forgets what was dismissed",
        "bot/pipeline/intake.py",
        "left = None if over.is_series else one.without(over.organisations)",
        "left = one.hit",
        ("tests/e2e/test_homonym.py", DISMISSED),
    ),
    Mutant(
        "a digest that tells what was dismissed",
        "bot/storage/digest_hits.py",
        '    AND NOT {_TOLD_HERE} AND {DISMISSED_BY} IS NULL\n"""\n_OF_DOSSIER',
        '    AND NOT {_TOLD_HERE}\n"""\n_OF_DOSSIER',
        (DISMISSED,),
    ),
    Mutant(
        "what was taken back lost once that is undone",
        "bot/storage/dismissed_news.py",
        "UPDATE hit SET digest = 'due' WHERE",
        "UPDATE hit SET digest = digest WHERE",
        (DISMISSED, "tests/pipeline/test_dismissed.py"),
    ),
    Mutant(
        "an edit to show what was dismissed lost to one that was under way",
        "bot/storage/announcements.py",
        '_SHOWS = "CASE remade WHEN ?3 THEN ?2 ELSE min(?2, due_revision - 1) END"',
        '_SHOWS = "CASE ?3 WHEN ?3 THEN ?2 END"',
        ("tests/storage/test_dismissals.py",),
    ),
    Mutant(
        "the second 02:30 of the autumn",
        "bot/slots.py",
        "datetime.combine(day, at, zone).astimezone(UTC)",
        "datetime.combine(day, at, zone).replace(fold=1).astimezone(UTC)",
        (YEARS, "tests/test_slots.py"),
    ),
    Mutant(
        "a reason why not that is a guess",
        "bot/matching/explaining/why_not.py",
        " and _would_match(item, known, guess)",
        "",
        ("tests/matching/test_why_not.py",),
    ),
    Mutant(
        "/why explains another newsroom's items",
        "bot/watchlist/explaining.py",
        "for hit in matcher.find(notice) if hit.item in own)",
        "for hit in matcher.find(notice))",
        ("tests/cogs/test_why.py",),
    ),
    Mutant(
        "an uncertain number offered",
        "bot/watchlist/suggesting.py",
        "len(one.names) == 1 and len(_roots(one.identifiers)) == 1",
        "True",
        ("tests/watchlist/test_suggesting.py",),
    ),
    Mutant(
        "an offer taken by who may not edit the item",
        "cogs/_suggestions.py",
        "visitor = await admit(interaction, Action.WATCH_EDIT, thing=item)",
        "visitor = await visit(interaction)",
        ("tests/cogs/test_suggestions.py",),
    ),
)


def failed_test(tests: Iterable[str], mutant: Mutant | None = None) -> str | None:
    """Return the first of these tests that fails on a copy, broken in one way where a mutant is given; None if none."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as folder:
        copy = Path(folder)
        for name in COPIED:
            source = ROOT / name
            if source.is_dir():
                shutil.copytree(source, copy / name, ignore=shutil.ignore_patterns("__pycache__"))
            elif source.exists():
                shutil.copy(source, copy / name)
        if mutant is not None:
            break_copy(copy, mutant)
        run = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "--no-header", "-p", "no:cacheprovider", "-n", "4", *tests],
            cwd=copy,
            env={**os.environ, "PYTHONPATH": str(copy)},
            capture_output=True,
            text=True,
            check=False,
        )
    if run.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) (tests/.+?)(?: - .*)?$", run.stdout, re.MULTILINE)
    if failed is None:
        raise RuntimeError(f"the tests did not run\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return failed[1]


def break_copy(copy: Path, mutant: Mutant) -> None:
    """Apply a mutant to a copy; raises LookupError when the place that it breaks is gone."""
    target = copy / mutant.file
    text = target.read_text(encoding="utf-8")
    if mutant.before not in text:
        raise LookupError(f"{mutant.name}: {mutant.file} no longer holds {mutant.before!r}")
    target.write_text(text.replace(mutant.before, mutant.after), encoding="utf-8")


def main() -> int:
    """Try every mutant and print the test that noticed it, after all of these tests passed on a whole copy."""
    tests = dict.fromkeys(test for mutant in MUTANTS for test in mutant.tests)
    if (failed := failed_test(tests)) is not None:
        print(f"no mutant can be judged: {failed} fails on the whole copy")  # noqa: T201  # what this is for
        return 1
    missed = 0
    for mutant in MUTANTS:
        test = failed_test(mutant.tests, mutant)
        missed += test is None
        print(f"{mutant.name}: {test or 'NOT NOTICED'}", flush=True)  # noqa: T201
    print(f"{len(MUTANTS) - missed} of {len(MUTANTS)} mutants noticed")  # noqa: T201
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
