"""Kill the bot at one of the places that it passes while people log tips and facts, start it again, check."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.clock import SystemClock
from bot.locales import Language, load
from bot.loopback import Channel, Member, Reply
from bot.models import Newsroom
from bot.storage import newsrooms
from bot.storage.database import Database
from tests.e2e.nursery import Nursery
from tests.e2e.sweep import NONCE_WINDOW_S, OF_THREADS, Stop, Survival, Told, Trouble, start_until
from tests.e2e.world import World, words_of, world
from tests.empty_database import place_empty_database

PATH = ("bot/tips", "bot/facts", "bot/dossiers.py", "cogs/_forms", "bot/delivery", "cogs/_sender.py")
"""Where the way from what a person sends to the card that shows it leads through."""

OFF_PATH = {
    "fact.items",  # a select under the reply to a new fact: it may be gone with the bot
    "form.refused",  # a form that asks for what is not allowed
    "delivery.refused",  # Discord refuses the card or the channel: covered by the tests of delivery
    "delivery.parked",
    "delivery.set_aside",
    "delivery.plain",
    "delivery.dropped",  # a tip made sensitive before Discord had it
    "tip.keep",  # a button of a private message, or what an editor does once for many: test_reminders.py
    "tip.wish",
    "tip.reassign",
    "tip.erase",
    "tip.erase_again",
    "delivery.withdrawn",  # a tip that was erased: a sweep of its own, test_erasing.py
    "delivery.blocked",
    "delivery.edit_blocked",
    "discord.delete: before",
    "discord.delete: after",
    "delivery.sighted",  # after a restore: test_restored.py
    "delivery.sent_meanwhile",
    "delivery.retry",
    "delivery.looked",  # a channel with more talk than one look reads
    "delivery.elsewhere",  # no forum and no thread is used here
    "delivery.threads_forbidden",
    "delivery.threads_full",
    "delivery.is_forum",
    "delivery.sighted_in_thread",
    "delivery.held",  # what people log waits for no end of quiet hours
    "delivery.judged",
} | OF_THREADS


@dataclass(frozen=True)
class Step:
    """What a person does; by a form, which is sent again after a kill, where there are `values`.

    `changes` counts what it has changed: 1 once it is done. Without a form people look at that before they try again.
    """

    who: str
    command: str
    options: Mapping[str, str]
    changes: str
    values: Mapping[str, str] | None = None


def _note(kind: str, of: str) -> str:
    return f"{of}_change WHERE kind = '{kind}'"


TIP, FACT = {"tip": "1"}, {"fact": "1"}
WHY = {"reason": "on a vérifié"}
LOGS = Step("reporter", "tip add", {}, "tip", {"text": "Tuyau premier"})
EDITS = Step("reporter", "tip edit", TIP, "tip_revision WHERE revision > 1", {"text": "Tuyau second"})
PROMOTES = Step("reporter", "tip promote", TIP, "fact", {"claim": "Fait premier", "source": "Journal officiel"})
CORRECTS = Step("reporter", "fact correct", FACT | WHY, "fact_revision WHERE revision > 1", {"claim": "Fait second"})

SHORT = (LOGS, EDITS, PROMOTES, CORRECTS)
"""A tip logged and edited, a fact logged and corrected."""

LONG = (
    Step("reporter", "dossier create", {"name": "Écluses"}, "dossier"),
    LOGS,
    Step("reporter", "dossier add", {"dossier": "Écluses", "thing": "tuyau 1"}, "dossier_tip"),
    Step("reporter", "tip note", TIP | {"text": "On rappelle demain"}, _note("noted", "tip")),
    Step("editor", "tip assign", TIP, _note("assigned", "tip")),
    Step("editor", "tip status", TIP | {"status": "checking"}, _note("status", "tip")),
    EDITS,
    PROMOTES,
    Step("reporter", "fact cite", FACT | {"source": "Procès-verbal de mai"}, _note("cited", "fact")),
    Step("editor", "fact verify", FACT, _note("verified", "fact")),
    Step("reporter", "fact dispute", FACT | WHY, _note("disputed", "fact")),
    Step("editor", "dossier close", {"dossier": "Écluses"}, "dossier WHERE closed_at IS NOT NULL"),
    Step("editor", "dossier reopen", {"dossier": "Écluses"}, "dossier WHERE closed_at IS NULL"),
    Step("editor", "fact correct", FACT | WHY, CORRECTS.changes, CORRECTS.values),
    Step("editor", "fact retract", FACT | WHY, _note("retracted", "fact")),
)
"""Everything that people do with tips, facts and dossiers."""


@dataclass
class Telling(Survival):
    """One run: what people do, again where the bot went meanwhile."""

    journal: Channel

    async def take(self, step: Step) -> None:
        """Do one thing, and wait until the cards show it."""
        if step.values is None:
            await self.survive(lambda: self._do_if_needed(step))
        else:
            form = await self.survive(lambda: self._use(step))
            await self.survive(lambda: self._send(step, form))
        await self.survive(self.made.until_settled)
        if self._done(step) != 1:
            self.wrong.append(f"{step.command}: done {self._done(step)} times")
        for thing in ("tip", "fact"):
            behind = self.made.rows(
                f"""SELECT {thing}.changes, shown_revision FROM {thing}
                LEFT JOIN announcement ON announcement.{thing}_id = {thing}.id AND kind = '{thing}' AND state = 'sent'
                WHERE shown_revision IS NOT {thing}.changes"""  # noqa: S608  # ours
            )
            self.wrong += [f"{step.command}: the card of a {thing} is behind: {tuple(row)}" for row in behind]

    async def _do_if_needed(self, step: Step) -> None:
        if not self._done(step):
            self._look_at(step, await self._use(step))

    def _person(self, step: Step) -> Member:
        return {"reporter": self.made.reporter, "editor": self.made.editor}[step.who]

    async def _use(self, step: Step) -> Reply:
        options: dict[str, Any] = {**step.options}
        if step.command == "tip assign":
            options["member"] = self.made.editor
        return await self._person(step).slash(step.command, self.made.announcements, **options)

    async def _send(self, step: Step, form: Reply) -> None:
        assert step.values is not None
        self._look_at(step, await self._person(step).submit(form, step.values))

    def _look_at(self, step: Step, reply: Reply) -> None:
        unexpected = load(Language.FR).text("error-unexpected").split("{")[0]
        if not reply.ephemeral or not reply.text or unexpected in reply.text:
            self.wrong.append(f"{step.command}: {reply.text!r}")

    def _done(self, step: Step) -> int:
        return int(self.made.rows(f"SELECT count(*) FROM {step.changes}")[0][0])  # noqa: S608  # ours

    def judge(self, steps: Sequence[Step]) -> None:
        """Say what is wrong by what Discord and the database hold, never by what the bot says."""
        rows = self.made.rows
        if rows("PRAGMA integrity_check")[0][0] != "ok":
            self.wrong.append("the database is damaged")
        for thing, text in (("tip", "Tuyau second"), ("fact", "Fait second")):
            numbers = [row["number"] for row in rows(f"SELECT number FROM {thing}_change ORDER BY number")]  # noqa: S608
            (changes,) = rows(f"SELECT changes FROM {thing}")[0]  # noqa: S608  # ours
            touched = sum(step.command == "dossier add" for step in steps) if thing == "tip" else 0
            if len(numbers) != len(set(numbers)) or changes != len(numbers) + touched:
                self.wrong.append(f"{thing}: {changes} changes, of which {numbers} are noted")
            (card,) = rows("SELECT code FROM announcement WHERE kind = ?", thing)
            shown = [words_of(message) for message in self.made.posted(self.journal)]
            standing = [words for words in shown if words.endswith(card["code"])]
            if len(standing) != 1 or text not in standing[0]:
                self.wrong.append(f"{thing}: its card stands {len(standing)} times: {standing}")

    def judge_answers(self, steps: Sequence[Step]) -> None:
        """Say which correction, dispute or retraction was not told where the fact had been read, exactly once."""
        told = [row["code"] for row in self.made.rows("SELECT code FROM announcement WHERE kind = 'correction'")]
        answers = [words_of(message) for message in self.made.posted(self.journal) if message.reference is not None]
        owed = sum(step.command in {"fact correct", "fact dispute", "fact retract"} for step in steps)
        if sorted(words.split()[-1] for words in answers) != sorted(told) or len(told) != owed:
            self.wrong.append(f"{owed} answers are owed, {told} were made: {answers}")


async def tell(
    folder: Path, nursery: Nursery, steps: Sequence[Step], stop_at: Stop, trouble: Trouble = Trouble.NONE
) -> Told:
    """Let people take these steps once, with a kill somewhere, and say what came of it."""
    folder.mkdir(parents=True)  # noqa: ASYNC240  # instant
    window = NONCE_WINDOW_S if trouble is Trouble.WINDOW_PASSED else 120.0
    async with world(folder, nursery, nonce_window_s=window) as made:
        telling = Telling(made, trouble, await _prepare(made))
        if trouble is Trouble.AMBIGUOUS:
            made.platform.faults.once(
                kind="close_after", method="POST", path="/channels/{channel_id}/messages", times=1
            )
        trace = folder / "points"
        await start_until(made, stop_at, trace)
        await telling.survive(made.is_up)
        for step in steps:
            await telling.take(step)
        was_killed = await telling.end()
        telling.judge(steps)
        telling.judge_answers(steps)
        points = tuple(trace.read_text().split("\n")[:-1])
        return Told(was_killed, tuple(telling.wrong), points)


async def _prepare(made: World) -> Channel:
    """Lay down a newsroom with a log channel, whose bot reads no source; return the channel."""
    config = made.configure()
    config.write_text(config.read_text(encoding="utf-8").replace("enabled = true", "enabled = false"), encoding="utf-8")
    journal = made.guild.add_channel("journal")
    newsroom = Newsroom(
        guild_id=made.guild.id,
        language="fr",
        timezone="Europe/Paris",
        log_channel=journal.id,
        reporter_role=made.roles["reporter"].id,
        editor_role=made.roles["editor"].id,
    )
    database = await Database.open(place_empty_database(made.database), SystemClock())
    async with database.tx("prepare") as connection:
        await newsrooms.save(connection, newsroom)
        await newsrooms.use_channel(connection, made.guild.id, journal.id, journal.id)
    await database.close()
    return journal
