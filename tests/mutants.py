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
DESK = "tests/e2e/test_desk_sweep.py::test_a_desk_finds_all_done_once_though_its_bot_died_at_each_place"
MACHINE = "tests/test_log_machine.py"
SECOND_SOURCE = "tests/facts/test_second_source.py"
TRAVEL = "tests/test_corrections_travel.py"
ERASING = "tests/tips/test_erasing.py"
REMINDING = "tests/reminding"
PRESSED = "tests/cogs/test_permissions_pressed.py"
TAKING = "tests/watchlist/test_taking.py"
ROUTING = "tests/pipeline/test_routing.py"
ANSWERS = "tests/pipeline/test_answers.py"
AFTERWARDS = "tests/pipeline/test_afterwards.py"
FOLLOWING_UP = "tests/following_up"
DISMISSED = "tests/pipeline/test_dismissed_machine.py"
NIGHT = "tests/pipeline/test_night.py"
POSTS = "tests/test_delivery_posts.py"
STORM = "tests/pipeline/test_storm.py"
LOST_CHANNELS = "tests/pipeline/test_lost_channels.py"
NARROWING = "tests/watchlist/test_narrowing.py"
NOISE = "tests/reminding/test_noise.py"
LOBBY = "tests/pipeline/test_lobby_news.py"
EDITIONS = "tests/sources/test_lobby_news.py"
PARTICULARS = "tests/cards/test_particulars.py"
SERIES = "tests/pipeline/test_series.py"
QUIET = "tests/test_quiet.py"
WHY_HITS = "tests/watchlist/test_explaining_hits.py"
WHY_MESSAGES = "tests/watchlist/test_explaining_messages.py"
NAMING = "tests/watchlist/test_naming.py"
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
        "rewrite the card of a register's entry as it became",
        "bot/composing/afterwards.py",
        "    if notice.kind not in _REGISTERS:\n        return notice, newest\n",
        "    return notice, newest\n",
        (AFTERWARDS,),
    ),
    Mutant(
        "leave an earlier card of a procedure as it was",
        "bot/storage/outbox/later.py",
        "    for one in found:\n",
        "    for one in found[:0]:\n",
        (AFTERWARDS,),
    ),
    Mutant(
        "leave an earlier card without the link to what came",
        "bot/storage/outbox/sending.py",
        "    await later.remake_continued(connection, announcement_id, now)\n",
        "",
        (AFTERWARDS,),
    ),
    Mutant(
        "what a register no longer says reaches nobody",
        "bot/pipeline/found.py",
        "        if source.is_register and is_news:\n",
        "        if source.is_register and is_news and False:\n",
        (LOBBY,),
    ),
    Mutant(
        "the changes of one firm are a message each",
        "bot/pipeline/intake.py",
        "            if place in gathered:\n",
        "            if place in gathered and False:\n",
        (LOBBY,),
    ),
    Mutant(
        "a change of a firm of which nothing was told yet is not told beside another",
        "bot/pipeline/intake.py",
        "        again |= {place for place in gathered if kept.at(place) and news_at(place)}\n",
        "",
        (LOBBY,),
    ),
    Mutant(
        "what was undone before it was sent is told all the same",
        "bot/pipeline/intake.py",
        "        await restate_beside(connection, telling, row, after, self._source.material)\n",
        "",
        (LOBBY,),
    ),
    Mutant(
        "brackets are compared as texts",
        "bot/cards/_particulars.py",
        "    was, is_ = _bounds(before), _bounds(after)\n",
        "    was, is_ = (before, before, ''), (after, after, '')\n",
        (PARTICULARS,),
    ),
    Mutant(
        "the strongest news of a register does not come first",
        "bot/cards/_lobby.py",
        "    return sorted(together, key=lambda one: (strongest[one.news.about], one.news.about, one.news.rank))\n",
        "    return together\n",
        (LOBBY, PARTICULARS),
    ),
    Mutant(
        "an organisation's first activity is all new topics",
        "bot/sources/_hatvp/exercises.py",
        '                firsts += [(f"first_{code}", value)] if place else []\n',
        '                firsts += [(f"first_{code}", value)]\n',
        (EDITIONS, "tests/sources/test_hatvp.py"),
    ),
    Mutant(
        "a year is compared with any other",
        "bot/sources/_hatvp/exercises.py",
        "end < start\n",
        "True\n",
        (EDITIONS, "tests/sources/test_hatvp.py"),
    ),
    Mutant(
        "a filing is compared with the one that was read last, whenever it was filed",
        "bot/storage/archive/notices.py",
        "        ORDER BY notice_revision.published DESC, notice.id DESC\n",
        "        ORDER BY notice.id\n",
        (SERIES,),
    ),
    Mutant(
        "an amended report of an old quarter is compared with the newest one",
        "bot/pipeline/series.py",
        " for told, of_it in filed if _about(of_it) <= _about(said)]\n",
        " for told, of_it in filed]\n",
        (SERIES,),
    ),
    Mutant(
        "a storm of a poll takes what is followed by hand",
        "bot/storage/outbox/storms.py",
        "AND kind = 'notice' AND NOT {FOLLOWED} AND EXISTS",
        "AND kind = 'notice' AND EXISTS",
        (STORM,),
    ),
    Mutant(
        "a night's storm takes the card that somebody asked for",
        "bot/storage/outbox/storms.py",
        "AND {CERTAIN} AND NOT {FOLLOWED} AND EXISTS",
        "AND {CERTAIN} AND EXISTS",
        (NIGHT,),
    ),
    Mutant(
        "a follow stays behind when its waiting card goes to another channel",
        "bot/setting_up.py",
        "            await follows.move(connection, guild_id, old, new)\n",
        "",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "what is followed by hand stays in the former channel",
        "bot/storage/outbox/rerouting.py",
        "({_GONE} UNION {_FORMER})",
        "({_GONE} UNION {_FORMER} AND 0)",
        (LOST_CHANNELS, FOLLOWING_UP),
    ),
    Mutant(
        "what a deleted channel was to be told is told to nobody",
        "bot/storage/outbox/rerouting.py",
        "    return sum([await leading.move(read_row(row)) for row in rows])\n",
        "    return len(rows) * bool(leading.asked)\n",
        (LOST_CHANNELS, FOLLOWING_UP),
    ),
    Mutant(
        "what goes from a deleted channel to one that was told stays where nobody reads it",
        "bot/storage/outbox/rerouting.py",
        "            await self._drop(row, standing)\n",
        "",
        (LOST_CHANNELS,),
    ),
    Mutant(
        "a card names the items of another channel that somebody took it for",
        "bot/watchlist/taking.py",
        "one.item_name if one.take.item_id in told - {only} else None",
        "one.item_name if one.take.item_id != only else None",
        (TAKING,),
    ),
    Mutant(
        "a backlog of missing awards comes before today's",
        "bot/following_up/chore.py",
        "[*_by_age(fresh.values(), zone), *_by_age(late.values(), zone)]",
        "_by_age([*fresh.values(), *late.values()], zone)",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "an award is missing in a source that does not answer",
        "bot/following_up/chore.py",
        "return state.succeeded_at is not None and now - state.succeeded_at <= UNREAD",
        "return state.attempted_at is not None and now - state.attempted_at <= UNREAD",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "what was announced long ago is never looked at",
        "bot/following_up/chore.py",
        "self._turn + 1\n",
        "0\n",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a deadline that was listed is listed again",
        "bot/storage/outbox/follow_ups.py",
        "            AND NOT EXISTS ({_IS_LISTED})\n",
        "",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a word that any notice may use is suggested to be left out",
        "bot/watchlist/narrowing.py",
        " for word in often if not is_common(word))",
        " for word in often)",
        (NARROWING,),
    ),
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
        "if isinstance(error, RefusedError) and await self._trouble.edit_blocked(row):",
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
        "                return None\n        return composed, spot\n",
        "                return None\n"
        "            await self._mark_sent(connection, row, None, composed, composed.revision)\n"
        "        return composed, spot\n",
        ("tests/e2e/test_crash_sweep.py::test_nothing_is_lost_and_nothing_comes_twice",),
    ),
    Mutant(
        "a post asked for again after a lost answer",
        "cogs/_sender.py",
        "        if seek and not self._is_undone:\n",
        "        if False:\n",
        ("tests/cogs/test_sender.py::test_a_post_whose_answer_is_lost_is_asked_for_once_only",),
    ),
    Mutant(
        "a post in doubt made again unseen",
        "bot/delivery/looking.py",
        "                    found = await sender.find_post(place, row.code, after)\n",
        "                    found = None\n",
        (
            "tests/test_delivery_threads.py::test_however_the_making_of_a_post_ends_there_is_one",
            "tests/e2e/test_crash_sweep.py::test_nothing_is_lost_and_nothing_comes_twice",
        ),
    ),
    Mutant(
        "the thread of a message noted once it was sent only",
        "bot/delivery/outbox.py",
        "remade=row.remade, thread_id=thread\n",
        "remade=row.remade\n",
        ("tests/test_delivery_threads.py::test_however_a_thread_is_opened_the_message_stands_once",),
    ),
    Mutant(
        "a deleted thread that parks its channel",
        "cogs/_endings.py",
        '        return ThreadClosedError("deleted")\n    return ThreadForb',
        "        return None\n    return ThreadForb",
        ("tests/cogs/test_sender.py::test_a_thread_that_is_closed_says_so_and_its_channel_is_none_the_worse",),
    ),
    Mutant(
        "threads left out after a restore",
        "bot/delivery/reconciling.py",
        "if not are_threads_read and not is_private:",
        "if False:",
        ("tests/test_delivery_threads.py::test_what_was_sent_into_threads_and_posts_since_a_backup_is_not_sent_again",),
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
        "ThingKind.FACT, SEEN_FACT, viewer",
        'ThingKind.FACT, f"(1 OR {SEEN_FACT})", viewer',
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
        "ThingKind.TIP, SEEN, viewer",
        'ThingKind.TIP, f"(1 OR {SEEN})", viewer',
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
        '"DELETE FROM draft WHERE guild_id = ? AND person = ? AND id = ? AND form <> ?"',
        '"UPDATE draft SET id = id WHERE guild_id = ? AND person = ? AND id = ? AND form <> ?"',
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
        "        shown: dict[str, object] | None = kept(composed.card)\n",
        "        shown: dict[str, object] | None = kept(composed.card)\n"
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
        "bot/storage/outbox/sending.py",
        "return not now < next_try_at <= now + LONGEST_WAIT",
        "return next_try_at <= now",
        (YEARS, "tests/test_delivery_clock.py"),
    ),
    Mutant(
        "a poll that forgets what was dismissed",
        "bot/pipeline/found.py",
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
        "bot/storage/outbox/sending.py",
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
        "/why blames a mute that is over",
        "bot/watchlist/fates.py",
        "if now_item is None or until is None or until <= self.now:",
        "if now_item is None or until is None:",
        (WHY_HITS,),
    ),
    Mutant(
        "/why takes every companion for a stranger",
        "bot/watchlist/fates.py",
        "if named and one.row == named.notice_id), None)",
        "if named and one.row != named.notice_id), None)",
        (WHY_HITS,),
    ),
    Mutant(
        "/why promises a digest of a channel that the item does not go to",
        "bot/watchlist/fates.py",
        "one.digest.channel_id in channels",
        "True",
        (WHY_HITS,),
    ),
    Mutant(
        "code shows the backslashes of what is cleaned",
        "bot/locales/texts.py",
        "if is_code and self._clean:",
        "if False:",
        (WHY_HITS,),
    ),
    Mutant(
        "/why of a message leaves out what it tells of further entries",
        "bot/watchlist/explaining.py",
        "[stored for stored in shown if stored.notice_id != row]",
        "[stored for stored in shown if stored.notice_id == row]",
        (WHY_HITS,),
    ),
    Mutant(
        "a card that nobody follows any more has buttons about items",
        "bot/cards/_desk.py",
        "    if unnamed is not None:",
        "    if unnamed is None:",
        ("tests/cogs/test_follow.py",),
    ),
    Mutant(
        "/why is silent on a procedure that nothing follows any more",
        "bot/watchlist/fates.py",
        "for row in self.around.series if row.channel_id not in told]",
        "for row in self.around.series if row.channel_id in told]",
        (WHY_MESSAGES,),
    ),
    Mutant(
        "/why forgets the line that an earlier version is owed",
        "bot/watchlist/fates.py",
        "        if stored.hit.item not in self.around.due:",
        "        if stored.row not in self.around.due:",
        (WHY_HITS,),
    ),
    Mutant(
        "/why says of what waits for the morning that it is due",
        "bot/watchlist/fates.py",
        "if row.held_until is not None and row.held_until > now:",
        "if row.held_until is not None and row.held_until < now:",
        (WHY_MESSAGES,),
    ),
    Mutant(
        "/why says of an answer of another notice that it told of this one",
        "bot/watchlist/fates.py",
        "    if row.notice_id == notice_row:\n        return",
        "    if row.notice_id is not None:\n        return",
        (WHY_MESSAGES,),
    ),
    Mutant(
        "/why guesses a notice from an address of another site",
        "bot/watchlist/naming.py",
        "if any(_site(host_of(url)) == host for url in urls)]",
        "]",
        (NAMING,),
    ),
    Mutant(
        "/why promises a reminder to a channel that no longer follows",
        "bot/storage/outbox/follow_ups.py",
        '        HAVING max({IS_FOLLOWED.format(now="?3", brought="1")})\n',
        "",
        ("tests/following_up/test_explained.py",),
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
        "len(one.names) == 1 and len(sirens(one.identifiers)) == 1",
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
    Mutant(
        "what somebody has can be taken again",
        "bot/watchlist/taking.py",
        "for item in self.items if item.id not in taken)",
        "for item in self.items)",
        (TAKING,),
    ),
    Mutant(
        "an award does not say who has its tender",
        "bot/storage/archive/twins.py",
        "series.procedure = told.procedure WHERE told.id = ?1",
        "series.procedure = told.procedure WHERE told.id = ?1 AND 0",
        (TAKING,),
    ),
    Mutant(
        "a card goes on showing who had it",
        "bot/watchlist/taking.py",
        "Action.NOTICE_RELEASE, now, of_notice)\n            await _show(connection, guild_id, row, now)\n",
        "Action.NOTICE_RELEASE, now, of_notice)\n",
        (TAKING,),
    ),
    Mutant(
        "anybody gives back what somebody has",
        "cogs/_take.py",
        "is_own=by in owners_of(one.take)",
        "is_own=True",
        (PRESSED,),
    ),
    Mutant(
        "anybody gives a take back by its number",
        "cogs/_take.py",
        "await admit(interaction, Action.NOTICE_RELEASE, thing=stored.take)",
        "await admit(interaction, Action.NOTICE_RELEASE)",
        (PRESSED,),
    ),
    Mutant(
        "the buttons that take and give back are dead after a restart",
        "cogs/notices.py",
        "*_take.COMPONENTS, ",
        "",
        ("tests/cogs/test_take.py",),
    ),
    Mutant(
        "what a poll finds at night rings at once, and the delivery alone holds it",
        "bot/pipeline/letting_go.py",
        "        if until is None:\n            continue\n",
        "        continue\n",
        (NIGHT,),
    ),
    Mutant(
        "what could not be sent before the night rings in it",
        "bot/delivery/holding_back.py",
        "    if until is None:\n",
        "    if until is None or row.tries == 0:\n",
        (NIGHT,),
    ),
    Mutant(
        "each poll of a night has a storm of its own",
        "bot/storage/outbox/storms.py",
        "AND kind IN ('notice', 'storm') AND {CERTAIN}",
        "AND kind = 'notice' AND {CERTAIN}",
        (NIGHT,),
    ),
    Mutant(
        "a night's storm takes what may stand in its channel since a backup",
        "bot/storage/outbox/storms.py",
        "AND kind IN ('notice', 'storm') AND {CERTAIN}",
        "AND kind IN ('notice', 'storm')",
        (NIGHT,),
    ),
    Mutant(
        "quiet hours that the clocks shift end an hour late",
        "bot/quiet.py",
        "    before, behind = local.replace(fold=1).astimezone(UTC), moment\n",
        "    return moment\n    before, behind = local.replace(fold=1).astimezone(UTC), moment\n",
        (QUIET,),
    ),
    Mutant(
        "quiet hours that are taken off hold what they held",
        "bot/setting_up.py",
        "        await quieting.judge(connection, viewer.guild_id, quiet_end(after, now))\n",
        "        pass\n",
        ("tests/test_setting_up.py",),
    ),
    Mutant(
        "what nobody saw is noise",
        "bot/storage/watching/noise.py",
        "('baseline', 'muted', 'paused', 'dismissed')",
        "('none')",
        (NOISE,),
    ),
    Mutant(
        "a suggestion may lose what is meant",
        "bot/watchlist/narrowing.py",
        "KEEPS_PERCENT: Final = 95",
        "KEEPS_PERCENT: Final = 0",
        ("tests/watchlist/test_narrowing.py",),
    ),
    Mutant(
        "an item that was made narrower is named all the same",
        "bot/reminding/noise.py",
        "is_flood or len(wrong) > len(right)",
        "True",
        (NOISE,),
    ),
    Mutant(
        "a deadline's day is not that of the newsroom's zone",
        "bot/storage/archive/deadlines.py",
        "moment.astimezone(zone).date() if isinstance",
        "moment.date() if isinstance",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "what was announced this morning is recalled this morning",
        "bot/following_up/due.py",
        "moment = max(_morning(reminder_day(deadline, days, zone), zone), _rested(told_at, now))",
        "moment = _morning(reminder_day(deadline, days, zone), zone)",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a channel gets one alarm more in a day",
        "bot/following_up/chore.py",
        "had.setdefault(channel, 0) < MOST_A_DAY",
        "had.setdefault(channel, 0) <= MOST_A_DAY",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a deadline of tomorrow waits behind a backlog",
        "bot/following_up/chore.py",
        "(owed if is_last or day_of",
        "(owed if day_of",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "an award is missing in a source that nobody read",
        "bot/following_up/chore.py",
        "now - state.succeeded_at <= UNREAD",
        "UNREAD > _DAY",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "an alarm never says that the award came",
        "bot/following_up/chore.py",
        "        if details != row.details:",
        "        if not details:",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "an alarm that waits is sent though the award came",
        "bot/composing/follow_up.py",
        "        content.ended_by is not None\n        or",
        "        False\n        or",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a reminder that waits is sent though the deadline moved",
        "bot/composing/follow_up.py",
        "        or content.moved_to is not None\n",
        "",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "nobody's follow is seen",
        "bot/storage/outbox/following.py",
        "    ) OR {FOLLOWED})",
        "    ))",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "a dismissal takes back what somebody follows",
        "bot/storage/watching/dismissed_news.py",
        "            AND NOT {FOLLOWED}\n",
        "",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "the text of what somebody follows is dropped",
        "bot/storage/archive/retention.py",
        "        WHERE named.procedure = notice.procedure)",
        "        WHERE named.procedure <> notice.procedure)",
        (FOLLOWING_UP,),
    ),
    Mutant(
        "an item's dossiers that come before its own channel",
        "bot/storage/watching/routes.py",
        "    if own is not None:\n        return (own,)\n    if of_dossiers:\n        return of_dossiers\n",
        "    if of_dossiers:\n        return of_dossiers\n    if own is not None:\n        return (own,)\n",
        (f"{ROUTING}::test_the_items_own_channel_comes_before_its_dossiers",),
    ),
    Mutant(
        "a closed dossier that is still announced in",
        "bot/storage/watching/routes.py",
        "        WHERE dossier.closed_at IS NULL AND dossier.channel_id IS NOT NULL\n        ORDER BY",
        "        WHERE dossier.channel_id IS NOT NULL\n        ORDER BY",
        (f"{ROUTING}::test_a_closed_dossier_decides_nothing_and_a_reopened_one_does_again",),
    ),
    Mutant(
        "only the first of two dossiers is told",
        "bot/storage/watching/routes.py",
        "        return of_dossiers\n",
        "        return of_dossiers[:1]\n",
        (f"{ROUTING}::test_every_open_dossier_with_a_channel_is_told",),
    ),
    Mutant(
        "what an item announced is announced again where it moved",
        "bot/pipeline/found.py",
        "in_order(told_at.get(item.id) or self.places_of(item))",
        "in_order(self.places_of(item))",
        (f"{ROUTING}::test_an_item_that_moved_announces_again_nothing_that_it_announced",),
    ),
    Mutant(
        "a storm in one channel that hushes the other",
        "bot/storage/outbox/storms.py",
        " AND NOT {TOLD_ELSEWHERE}",
        " AND ?",
        (f"{ROUTING}::test_a_storm_in_one_channel_leaves_the_other_its_messages",),
    ),
    Mutant(
        "a change told in one of two channels that no digest knows of",
        "bot/storage/outbox/revoking.py",
        " AND NOT {TOLD_ELSEWHERE}",
        " AND ?",
        (f"{ROUTING}::test_a_change_that_one_channel_was_told_stays_told_there_when_it_is_taken_back_in_the_other",),
    ),
    Mutant(
        "a change of what was in a storm that only the other channel is told of",
        "bot/pipeline/intake.py",
        "told_at={item: places | stormed.get(item, set()) for item, places in told.items()}",
        "told_at=told",
        (f"{ROUTING}::test_a_change_of_what_one_channel_had_in_a_storm_and_the_other_in_a_message_is_told_in_both",),
    ),
    Mutant(
        "a hit of two channels that one digest takes from the other",
        "bot/storage/digesting/digest_hits.py",
        'for row in own if not row["is_owed_elsewhere"]',
        "for row in own",
        (f"{ROUTING}::test_the_digest_of_each_of_two_channels_tells_a_hit_once",),
    ),
    Mutant(
        "a new announcements channel that takes a dossier's messages along",
        "bot/storage/outbox/announcements.py",
        'AND {LEADS_BY_ITSELF_TO.format(channel="?3")}',
        "AND watch_item.channel_id = ?3",
        (f"{ROUTING}::test_a_new_announcements_channel_takes_nothing_from_a_dossiers",),
    ),
    Mutant(
        "a message that continues one that was taken back is left with nothing to tell",
        "bot/storage/outbox/revoking.py",
        "later = [] if announcement.follows is not None else await _continuing(connection, announcement)",
        "later: list[sqlite3.Row] = []",
        (f"{ANSWERS}::test_what_continues_a_message_that_is_taken_back_goes_with_it",),
    ),
    Mutant(
        "an answer that repeats the whole notice",
        "bot/composing/cards.py",
        "if content.event is Event.REVISED and content.follows is not None:",
        "if False:",
        (f"{ANSWERS}::test_the_answer_says_what_changed_and_for_whom_and_repeats_nothing_of_the_notice",),
    ),
    Mutant(
        "an answer before the edit of the card",
        "bot/storage/outbox/sending.py",
        '(row["kind"], row["state"]) == ("notice", "pending")',
        '(row["kind"], row["state"]) == ("tip", "pending")',
        (f"{ANSWERS}::test_changes_while_the_channel_refuses_us_become_one_answer_and_the_card_is_edited_before_it",),
    ),
    Mutant(
        "a corrigendum compared with the first notice, not with the one before it",
        "bot/storage/archive/procedures.py",
        "DESC, notice.id DESC LIMIT 1",
        "ASC, notice.id ASC LIMIT 1",
        (f"{ANSWERS}::test_a_corrigendum_says_what_the_notice_before_it_said",),
    ),
    Mutant(
        "a corrigendum compared with its own twin",
        "bot/storage/archive/procedures.py",
        "notice.id NOT IN ({OF_GROUP})",
        "notice.id <> ?1",
        (f"{ANSWERS}::test_a_corrigendum_is_not_compared_with_its_twin",),
    ),
    Mutant(
        "the limit of a whole bot is left to Discord to tell",
        "bot/delivery/pacing.py",
        "REQUESTS: Final = ((40, 1.0),)",
        "REQUESTS: Final = ((4_000, 1.0),)",
        ("tests/delivery/test_pacing.py",),
    ),
    Mutant(
        "chores go before people",
        "bot/storage/turns.py",
        "for waiting in (self._people, self._chores):",
        "for waiting in (self._chores, self._people):",
        ("tests/storage/test_turns.py",),
    ),
    Mutant(
        "a post whose answer was lost is looked for at once",
        "bot/delivery/outbox.py",
        "least = POST_DOUBT if spot.is_forum else timedelta()",
        "least = timedelta()",
        (POSTS,),
    ),
    Mutant(
        "a post that a killed process asked for is looked for at once",
        "bot/delivery/posting.py",
        "        if row.id in self._begun or row.thread_id is not None:\n            return False\n",
        "        return False\n",
        (POSTS,),
    ),
    Mutant(
        "what was in doubt when a backup was made is looked for only where it was to go then",
        "bot/delivery/outbox.py",
        "        return await self._is_sent_meanwhile(row, place, sender)\n",
        "        return row.state is AnnouncementState.PENDING and await self._is_sent_meanwhile(row, place, sender)\n",
        ("tests/test_delivery_threads.py",),
    ),
    Mutant(
        "a post that has to wait counts as one that may have been made",
        "cogs/_sender.py",
        "            raise TooManyRequestsError(float(wait))\n",
        "            self._is_undone = False\n",
        ("tests/cogs/test_sender.py",),
    ),
    Mutant(
        "what a wrong clock held stays held",
        "bot/delivery/holding_back.py",
        "await quieting.held(connection, now)",
        "()",
        ("tests/delivery/test_holding_back.py",),
    ),
    Mutant(
        "a notice of a procedure that is known is stored as if it were alone",
        "bot/pipeline/alone.py",
        "of_batch[procedure] > 1 or procedure in stored",
        "of_batch[procedure] > 1",
        ("tests/pipeline/test_alone.py", "tests/pipeline/test_intake.py"),
    ),
    Mutant(
        "that a note on noise was told is noted once it is owed, by a transaction of its own",
        "bot/reminding/noise.py",
        "        await weekly.note(connection, guild_id,",
        '    async with database.tx("reminding.noted") as connection:\n        await weekly.note(connection, guild_id,',
        (f"{DESK}[night]",),
    ),
    Mutant(
        "a tender that is followed is owed to the channel once it is followed, by a transaction of its own",
        "bot/following_up/procedures.py",
        "        if not is_announced:\n",
        '    async with database.tx("notice.announce") as connection:\n        if not is_announced:\n',
        (f"{DESK}[day]",),
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
