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
SECOND_SOURCE = "tests/facts/test_second_source.py"
TRAVEL = "tests/test_corrections_travel.py"
ERASING = "tests/tips/test_erasing.py"
REMINDING = "tests/reminding"
PRESSED = "tests/cogs/test_permissions_pressed.py"
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
        "a button once shown is anybody's",
        "cogs/_gate.py",
        "        return await passes(interaction, self.action)\n",
        "        return True\n",
        (PRESSED,),
    ),
    Mutant(
        "a form once opened is not judged again",
        "cogs/_forms/receiving.py",
        "        visitor = await admit(interaction, form.action)\n        await form.submit",
        "        visitor = await visit(interaction)\n        await form.submit",
        (PRESSED,),
    ),
    Mutant(
        "a form is anybody's who knows its number",
        "bot/storage/log/drafts.py",
        "FROM draft WHERE guild_id = ? AND person = ? AND id = ?",
        "FROM draft WHERE guild_id = ? AND ? AND id = ?",
        (PRESSED,),
    ),
    Mutant(
        "who is no editor counts what is hidden by the numbers of the audit log",
        "cogs/_audit_pages.py",
        "is_whole=viewer.sees_all",
        "is_whole=True",
        ("tests/cogs/test_audit.py",),
    ),
    Mutant(
        "an altered backup is put back in silence",
        "bot/restoring.py",
        "    if report.finding is not None and not even_altered:\n",
        "    if False:\n",
        ("tests/test_restoring.py",),
    ),
    Mutant(
        "an export is anybody's to read until it is whole",
        "bot/export/table.py",
        "0o600",
        "0o644",
        ("tests/export/test_files.py",),
    ),
    Mutant(
        "who manages the server counts what is hidden",
        "bot/storage/members.py",
        "AND tip.status IN ('new', 'checking') AND {SEEN}",
        "AND tip.status IN ('new', 'checking') AND (? OR ? OR 1)",
        ("tests/cogs/test_permissions_options.py",),
    ),
    Mutant(
        "a verified fact stays its author's",
        "bot/access.py",
        "{thing.logged_by} if thing.verified_by is None else set()",
        "{thing.logged_by}",
        ("tests/cogs/test_permissions.py",),
    ),
    Mutant(
        "a row of the log that no entry seals goes unnoticed",
        "bot/audit/entries.py",
        "        for table, others in found.items():\n",
        "        for table, others in {}.items():\n",
        ("tests/test_audit.py",),
    ),
    Mutant(
        "how a fact stands is not compared with its changes",
        "bot/audit/standing.py",
        "        if row[column] != value:\n",
        "        if 0 and row[column] != value:\n",
        ("tests/test_audit.py",),
    ),
    Mutant(
        "any opening may be missing",
        "bot/audit/entries.py",
        '            if erased is None or erased["number"] <= number:\n',
        "            if 0:\n",
        ("tests/test_audit.py",),
    ),
    Mutant(
        "what is slipped in later is sealed at the next start",
        "bot/storage/custody/audit.py",
        "audit.made_by GLOB '[0-9]*' OR ",
        "0 OR ",
        ("tests/test_audit.py",),
    ),
    Mutant(
        "the manifest of an export is not verified",
        "bot/export/verifying.py",
        "!= manifest_hash(manifest):",
        "== 0:",
        ("tests/export/test_verifying.py",),
    ),
    Mutant(
        "words of an erased tip left in the index",
        "bot/storage/archive/full_text.py",
        """    await connection.run("INSERT INTO tip_words (tip_words) VALUES ('optimize')")\n""",
        "",
        (f"{ERASING}::test_no_byte_of_an_erased_tip_is_left_in_the_database_its_log_or_its_index",),
    ),
    Mutant(
        "the write-ahead log not emptied after an erasure",
        "bot/tips/erasing.py",
        "        if await database.empty_log():\n            return True\n",
        "        return True\n",
        (f"{ERASING}::test_no_byte_of_an_erased_tip_is_left_in_the_database_its_log_or_its_index",),
    ),
    Mutant(
        "the write-ahead log not emptied after a kill",
        "bot/storage/database.py",
        "            await database.empty_log()\n",
        "",
        (f"{ERASING}::test_a_killed_process_leaves_nothing_once_the_bot_has_started_again",),
    ),
    Mutant(
        "forms that hold an erased tip left as they are",
        "bot/tips/erasing.py",
        "    await _forget_forms(connection, tip)\n",
        "",
        (f"{ERASING}::test_forms_that_hold_words_of_the_tip_are_emptied_and_others_are_not",),
    ),
    Mutant(
        "what a card of an erased tip showed is kept",
        "bot/storage/outbox/withdrawals.py",
        "SET is_withdrawn = 1, shown = NULL,",
        "SET is_withdrawn = 1,",
        (f"{ERASING}::test_cards_of_the_tip_are_withdrawn_and_forget_what_they_showed",),
    ),
    Mutant(
        "a card in doubt looked for once only",
        "bot/delivery/withdrawing.py",
        "LOOKS: Final = 10",
        "LOOKS: Final = 0",
        ("tests/test_delivery_withdrawn.py::test_a_card_that_lands_after_it_was_looked_for_is_deleted_all_the_same",),
    ),
    Mutant(
        "a refused edit leaves hidden words where they stand",
        "bot/delivery/outbox.py",
        "if isinstance(error, RefusedError) and await self._says_blocked(row):",
        "if False:",
        ("tests/test_delivery_withdrawn.py",),
    ),
    Mutant(
        "a tip that was erased while it was backed up stays in the backup",
        "bot/cli/_backup.py",
        "if await erasing.count(connection) == len(known):",
        "if True:",
        ("tests/test_cli_backup.py",),
    ),
    Mutant(
        "a restore opens what was hidden after the backup",
        "bot/restoring.py",
        "for thing in since.hidden]",
        "for thing in since.hidden[:0]]",
        ("tests/test_restoring_hidden.py",),
    ),
    Mutant(
        "what may have been sent after the backup is forgotten when it is hidden",
        "bot/storage/outbox/shown.py",
        "state = 'pending' AND {CERTAIN}",
        "state = 'pending'",
        ("tests/test_restoring_hidden.py",),
    ),
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
        "bot/delivery/outbox.py",
        "            if not await sending.begin(connection, place, row.id, now, shows=shows,"
        " remade=row.remade):\n                return\n",
        "            if not await sending.begin(connection, place, row.id, now):\n                return\n"
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
        "bot/storage/watching/watchlist.py",
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
        "bot/storage/log/tips.py",
        "AND tip.guild_id = ?6 AND {SEEN}\n            ORDER BY",
        "AND tip.guild_id = ?6 AND (1 OR {SEEN})\n            ORDER BY",
        (f"{LOG}::test_a_sensitive_tip_is_nowhere_but_before_its_author_its_owner_and_editors",),
    ),
    Mutant(
        "facts under embargo found by everybody",
        "bot/storage/archive/full_text.py",
        "AND {_LOGGED} AND {SEEN_FACT}",
        "AND {_LOGGED} AND (1 OR {SEEN_FACT})",
        ("tests/storage/test_hidden_things.py",),
    ),
    Mutant(
        "the words of a fact under embargo left standing in digests",
        "bot/publishing.py",
        "        await shown.hide_in_digests(connection, thing, now)\n",
        "        pass\n",
        ("tests/digest/test_embargoes.py",),
    ),
    Mutant(
        "a tip that tells everybody of the hidden fact that it became",
        "bot/storage/log/tips.py",
        "CASE WHEN {CONCEALED} THEN 'status'",
        "CASE WHEN 0 AND {CONCEALED} THEN 'status'",
        ("tests/test_embargo.py",),
    ),
    Mutant(
        "a fact whose embargo ended told by no digest",
        "bot/storage/digesting/digest_news.py",
        "'retracted', 'released')",
        "'retracted')",
        ("tests/digest/test_embargoes.py",),
    ),
    Mutant(
        "a change of a tip without an entry",
        "bot/tips/changes.py",
        "    await audit.note(",
        "    0 and await audit.note(",
        ("tests/tips/test_changes.py",),
    ),
    Mutant(
        "sensitive tips found by everybody",
        "bot/storage/archive/full_text.py",
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
        "bot/storage/log/facts.py",
        "WHERE fact.guild_id = ?6 AND fact.id IN (\n            SELECT fact.id FROM fact"
        " WHERE {gathered(ThingKind.FACT, wanted)} AND fact.guild_id = ?6",
        "WHERE fact.id IN (\n            SELECT fact.id FROM fact WHERE {gathered(ThingKind.FACT, wanted)} AND ?6",
        (f"{LOG}::test_a_tip_heard_last_tuesday_becomes_a_fact_and_strangers_see_nothing_at_any_step",),
    ),
    Mutant(
        "a fact of another newsroom found by its number",
        "bot/storage/log/facts.py",
        "{_FROM} WHERE fact.guild_id = ? AND fact.id = ?",
        "{_FROM} WHERE ? AND fact.id = ?",
        (f"{LOG}::test_no_forged_button_or_form_lets_strangers_see_or_change_anything",),
    ),
    Mutant(
        "an edit that overwrites",
        "bot/storage/log/tips.py",
        "    await _add_version(connection, tip.guild_id, tip.id, tip.revision + 1, words, reason, by, now)\n",
        "    await connection.run('DELETE FROM tip_revision WHERE guild_id = ? AND tip_id = ?', tip.guild_id, tip.id)\n"
        "    await _add_version(connection, tip.guild_id, tip.id, tip.revision + 1, words, reason, by, now)\n",
        (f"{MACHINE}::test_whatever_people_do_the_log_is_as_the_model_says",),
    ),
    Mutant(
        "a correction that leaves the fact verified",
        "bot/storage/log/facts.py",
        "status = 'logged', verified_by = NULL, verified_at = NULL\n",
        "status = status\n",
        (f"{MACHINE}::test_whatever_people_do_the_log_is_as_the_model_says",),
    ),
    Mutant(
        "one's own correction verified",
        "bot/facts/vouching.py",
        "    return {fact.logged_by, by, *(",
        "    return {fact.logged_by} or {*(",
        (f"{LOG}::test_a_tip_heard_last_tuesday_becomes_a_fact_and_strangers_see_nothing_at_any_step",),
    ),
    Mutant(
        "one's own words verified because somebody else corrected the date",
        "bot/facts/vouching.py",
        "        if part_of(claim) != now:\n",
        "        if now:\n",
        (f"{SECOND_SOURCE}::test_who_wrote_the_words_that_stand_is_no_second_person_whatever_was_corrected_since",),
    ),
    Mutant(
        "a fact verified by who alone brought the second origin",
        "bot/facts/vouching.py",
        "if one.added_by != by",
        "if by",
        (f"{SECOND_SOURCE}::test_who_alone_brought_the_second_origin_does_not_verify_it",),
    ),
    Mutant(
        "one document taken for two origins",
        "bot/facts/origins.py",
        "found[at] = origin if place is None else told.setdefault(place, origin)",
        "found[at] = origin",
        ("tests/facts/test_origins.py",),
    ),
    Mutant(
        "a link that does not tell where it leads taken for a second origin",
        "bot/facts/origins.py",
        "    if not short:\n",
        "    if short or not short:\n",
        ("tests/facts/test_origins.py",),
    ),
    Mutant(
        "a person said to have lifted the embargo that Vigie ended",
        "bot/embargo.py",
        "VIGIE_ITSELF, VIGIE, now)",
        "thing.logged_by, VIGIE, now)",
        ("tests/test_embargo.py",),
    ),
    Mutant(
        "two sources of one origin taken for two",
        "bot/facts/vouching.py",
        "    if len(found) < ENOUGH and len(cited) > 1:\n",
        "    if len(cited) < ENOUGH:\n",
        (f"{SECOND_SOURCE}::test_two_sources_of_one_origin_are_not_enough",),
    ),
    Mutant(
        "a mistyped link taken for the words of somebody else",
        "bot/facts/citing.py",
        "    if (mistyped := _MEANT_AS_LINK.search(_without(text, links))) is not None:\n",
        "    if (mistyped := _MEANT_AS_LINK.search('')) is not None:\n",
        ("tests/facts/test_citing.py::test_what_looks_like_a_link_and_is_none_is_refused",),
    ),
    Mutant(
        "a copy of an article taken for a second origin",
        "bot/facts/changes.py",
        "        cited = [*cited[:1], *(beside(citation, cited[0]) for citation in cited[1:])]\n",
        "",
        ("tests/cogs/test_fact_origin.py::test_a_file_beside_a_source_is_of_its_origin_until_somebody_says_otherwise",),
    ),
    Mutant(
        "a version verified that was not seen",
        "bot/facts/changes.py",
        "        refuse_unseen(fact, seen, viewer.user_id, now, verifies=True)\n",
        "",
        (f"{SECOND_SOURCE}::test_a_version_that_somebody_else_just_made_is_not_verified_unseen",),
    ),
    Mutant(
        "a correction told to nobody who had read the fact",
        "bot/facts/changes.py",
        "    await answer(connection, fact, before.changes, now)\n",
        "",
        (f"{TRAVEL}::test_a_card_that_was_read_is_edited_and_answered",),
    ),
    Mutant(
        "a card that nobody has read answered",
        "bot/publishing.py",
        "card.state in {AnnouncementState.SENDING, AnnouncementState.SENT}",
        "card.state is not None",
        (f"{TRAVEL}::test_a_card_that_was_not_sent_yet_is_not_answered",),
    ),
    Mutant(
        "each of two corrections told apart, though the first was not told yet",
        "bot/publishing.py",
        "        await shown.withdraw_answers(connection, fact.guild_id, card.id)\n",
        "",
        (f"{TRAVEL}::test_two_corrections_before_the_first_was_told_are_told_in_one_answer",),
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
        "bot/storage/log/drafts.py",
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
        "bot/delivery/outbox.py",
        "        shown: dict[str, object] | None = _kept(composed.card)\n",
        "        shown: dict[str, object] | None = _kept(composed.card)\n"
        "        await self._edited(row, shown, composed.revision)\n",
        ("tests/e2e/test_crash_sweep.py::test_what_people_log_is_stored_once_and_its_card_stands_once",),
    ),
    Mutant(
        "a tip stored apart from the card that it owes",
        "bot/tips/changes.py",
        "        return await _changed(connection, viewer, tip, Action.TIP_ADD, now, **gathered)\n",
        "    async with database.tx('tip.published') as connection:\n"
        "        return await _changed(connection, viewer, tip, Action.TIP_ADD, now, **gathered)\n",
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
        "bot/storage/digesting/digests.py",
        "            WHERE polled IS NOT NULL),\n",
        "            WHERE polled IS NOT NULL AND 0),\n",
        ("tests/pipeline/test_storm_and_digest.py",),
    ),
    Mutant(
        "a digest passed over that is made after all once the clock is set back",
        "bot/storage/digesting/digests.py",
        "AND (local_date = ?3 OR (local_date > ?3 AND made_at <= ?4))",
        "AND local_date = ?3 AND ?4",
        (YEARS,),
    ),
    Mutant(
        "a clock a year ahead for an hour that silences a digest for a year",
        "bot/storage/digesting/digests.py",
        "(local_date > ?3 AND made_at <= ?4)",
        "(local_date > ?3 AND ?4)",
        (YEARS,),
    ),
    Mutant(
        "hits that are never marked as told",
        "bot/storage/digesting/digest_hits.py",
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
        "bot/storage/outbox/announcements.py",
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
        "bot/storage/digesting/digest_hits.py",
        '    AND NOT {_TOLD_HERE} AND {DISMISSED_BY} IS NULL\n"""\n_OF_DOSSIER',
        '    AND NOT {_TOLD_HERE}\n"""\n_OF_DOSSIER',
        (DISMISSED,),
    ),
    Mutant(
        "what was taken back lost once that is undone",
        "bot/storage/watching/dismissed_news.py",
        "UPDATE hit SET digest = 'due' WHERE",
        "UPDATE hit SET digest = digest WHERE",
        (DISMISSED, "tests/pipeline/test_dismissed.py"),
    ),
    Mutant(
        "an edit to show what was dismissed lost to one that was under way",
        "bot/storage/outbox/announcements.py",
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
    Mutant(
        "a watch item that is removed without an entry",
        "bot/watchlist/changes.py",
        "            await note(connection, item, by, Action.WATCH_REMOVE, now, named(item))\n",
        "            pass\n",
        ("tests/cogs/test_entries.py",),
    ),
    Mutant(
        "an export that is given out before it is recorded",
        "cogs/_fact_export.py",
        "        await record(app.database, visitor.guild_id, export, visitor.caller.user_id, Action.FACT_EXPORT)\n",
        "",
        ("tests/cogs/test_fact_export.py::test_an_export_is_recorded_with_the_facts_that_were_in_it",),
    ),
    Mutant(
        "the files of an export that stay where its record failed",
        "bot/export/recording.py",
        "        await asyncio.to_thread(export.take_away)\n",
        "",
        ("tests/export/test_recording.py::test_a_record_that_fails_takes_the_files_away_and_leaves_no_entry",),
    ),
    Mutant(
        "an export that is whole before anybody knows of it",
        "bot/export/files.py",
        "        if not settings.waits_for_record:\n",
        "        if True:\n",
        ("tests/export/test_recording.py::test_an_export_that_was_killed_before_its_record_has_no_manifest",),
    ),
    Mutant(
        "a log from before the audit log that a restore leaves without its seals",
        "bot/restoring.py",
        "        await seal_former(restored, clock)\n",
        "",
        ("tests/test_restoring.py::test_an_old_log_is_sealed_before_anything_is_erased_from_it_again",),
    ),
    Mutant(
        "changes of facts that take the numbers of those that a restore lost",
        "bot/storage/_values.py",
        "coalesce(unknown_to >> 22, 0)",
        "0",
        ("tests/test_restoring.py::test_a_correction_made_anew_after_a_restore_is_told_anew",),
    ),
    Mutant(
        "the head of the audit log in every digest",
        "bot/digest/head.py",
        "        is_due = not await digests.has_told_head(connection, digest, first, end)\n",
        "        is_due = True\n",
        ("tests/digest/test_audit_head.py",),
    ),
    Mutant(
        "a sensitive tip counts among what is known",
        "bot/storage/outbox/known.py",
        "(NOT tip.is_sensitive AND ",
        "(",
        ("tests/storage/test_known.py",),
    ),
    Mutant(
        "a fact under embargo is told on a notice card",
        "bot/storage/outbox/known.py",
        "fact.embargo_until IS NULL AND",
        "fact.id > 0 AND",
        ("tests/storage/test_known.py",),
    ),
    Mutant(
        "what changed while a card was made is told as it was",
        "bot/storage/outbox/known.py",
        "    if not await _stands(connection, announcement, known):\n        return False\n",
        "",
        ("tests/storage/test_known.py",),
    ),
    Mutant(
        "a card keeps what a fact said before",
        "bot/publishing.py",
        "    await known.refresh(",
        "    False and await known.refresh(",
        ("tests/storage/test_known.py",),
    ),
    Mutant(
        "a reminder owed with no note of who was asked",
        "bot/reminding/reminder.py",
        "                await reminders.note(connection, guild_id, found, owed)\n",
        "                await reminders.note(connection, guild_id, found[:0], owed)\n",
        (f"{REMINDING}/test_rest.py::test_a_rest_is_told_once_over_days_and_restarts",),
    ),
    Mutant(
        "closed private messages told to the operations channel",
        "bot/delivery/telling.py",
        "    if await members.is_private(connection, row.guild_id, row.channel_id):\n        return\n",
        "",
        (f"{REMINDING}/test_rest.py::test_who_takes_no_private_message_is_told_of_a_hidden_tip_alone",),
    ),
    Mutant(
        "a hidden tip named in the log because its owner takes no private message",
        "bot/reminding/reminder.py",
        "if tip is not None and tip not in hidden]",
        "if tip is not None]",
        (f"{REMINDING}/test_rest.py::test_who_takes_no_private_message_is_told_of_a_hidden_tip_alone",),
    ),
    Mutant(
        "who left reminded all the same",
        "bot/reminding/reminder.py",
        "belongs[person] = await people.belongs(person)",
        "belongs[person] = await people.belongs(person) or True",
        (f"{REMINDING}/test_rest.py::test_what_somebody_held_who_left_goes_to_the_editors",),
    ),
    Mutant(
        "a holder who left after the first question told to nobody",
        "bot/storage/log/quiet_tips.py",
        "WHEN is_open AND (is_left_now OR quiet_since <= ?2) AND may_be_given_up THEN 'left'",
        "WHEN is_open AND quiet_since <= ?2 AND rests IS NULL AND may_be_given_up THEN 'left'",
        (f"{REMINDING}/test_rest.py::test_every_editor_is_told_once_on_the_next_day_that_a_holder_left",),
    ),
    Mutant(
        "a question asked while the clock was years ahead that holds up all others",
        "bot/storage/log/quiet_tips.py",
        " OR keep_asked_at > ?6",
        "",
        (f"{REMINDING}/test_keep.py::test_a_question_asked_while_the_clock_was_years_ahead_holds_up_no_other",),
    ),
    Mutant(
        "a correction told to who made it",
        "bot/reminding/corrections.py",
        "                and person != str(change.made_by)\n",
        "",
        (f"{REMINDING}/test_corrections.py::test_nobody_is_told_of_their_own_correction",),
    ),
    Mutant(
        "a button of a private message that asks nobody who presses it",
        "cogs/_caller.py",
        "is_administrator=membership is not None and membership.is_administrator,",
        "is_administrator=True,",
        ("tests/cogs/test_reminders.py::test_who_lost_the_role_keeps_and_erases_nothing",),
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
