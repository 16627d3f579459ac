"""Act on the log as people do: by the commands and forms of the real bot, on a loopback Discord."""

from __future__ import annotations

import asyncio
import re
import tempfile
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from bot.locales import Language, load
from bot.loopback import Member, Platform, Reply
from bot.loopback.channels import Channel
from bot.loopback.launcher import redirected
from bot.loopback.replies import text_of
from tests.cogs.house import House, settings_of
from tests.factories import SettableClock
from tests.log.driver import IN_EACH, Exported, Seen, read_csv, words_in
from tests.log.things import Dossier, Fact, Form, Person, Role, Room, Tip

T = TypeVar("T")

REFUSALS = (
    "access-no-role",
    "access-editors",
    "access-editors-only",
    "access-fact-verified",
    "tip-unknown",
    "tip-owner-without-role",
    "tip-edited-meanwhile",
    "tip-became-sensitive",
    "form-already-sent",
    "fact-unknown",
    "fact-corrected-meanwhile",
    "fact-retracted-already",
    "fact-verified-already",
    "fact-disputed-already",
    "fact-second-person",
    "fact-verify-unseen",
    "fact-one-source",
    "fact-one-origin",
    "fact-own-origin",
    "fact-retracted-twice",
    "citation-known",
    "citations-full",
    "log-too-fast",
    "dossier-unknown",
    "dossier-closed",
    "dossier-is-open",
    "dossier-same-name",
    "dossier-same-name-closed",
    "error-unexpected",
)
"""The text ids of what the model refuses, and of what nobody expects."""


class ByCommands:
    """Act on the real bot, in this process; its delivery sends when it is told to."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner()
        self._left = AsyncExitStack()
        self._members: dict[int, Member] = {}
        self._channels: dict[int, Channel] = {}
        self._refusals = {text_id: _pattern(load(Language.FR).text(text_id)) for text_id in REFUSALS}
        folder = Path(self._left.enter_context(tempfile.TemporaryDirectory(prefix="log-")))
        self.run(self._start(folder))
        self.path = folder / "vigie.sqlite3"

    async def _start(self, folder: Path) -> None:
        self._platform = await self._left.enter_async_context(Platform())
        self._left.enter_context(redirected(self._platform))
        self._house = House(self._platform, settings_of(folder))
        self._clock = SettableClock(datetime.now(UTC))
        self._house.clock = self._clock  # type: ignore[assignment]  # any clock does
        await self._left.enter_async_context(self._house.running(delivers=False))

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self._runner.run(work)

    def close(self) -> None:
        self.run(self._left.aclose())
        self._runner.close()
        self._platform.check()

    def wait(self, minutes: int) -> None:
        self._clock.advance(timedelta(minutes=minutes))

    def settle(self) -> None:
        self.run(self._house.app.delivery.settle())

    def posted(self, channel: int) -> list[str]:
        return [text_of(message) for message in self._channels[channel].messages if message.reference is None]

    def answered(self, channel: int) -> list[str]:
        return [text_of(message) for message in self._channels[channel].messages if message.reference is not None]

    def begin(self) -> tuple[list[Room], list[Person]]:
        rooms, people = [], []
        for _ in range(2):
            room, inside = self.run(self._room())
            rooms.append(room)
            people += inside
        return rooms, people

    async def _room(self) -> tuple[Room, list[Person]]:
        guild = self._platform.add_guild("Rédaction", locale="fr")
        reporter, editor = guild.add_role("reporter"), guild.add_role("editor")
        roles = {Role.REPORTER: [reporter], Role.EDITOR: [editor]}
        channels = [guild.add_channel(name) for name in ("journal", "caméras", "écluse")]
        room = Room(guild.id, channels[0].id, [channel.id for channel in channels[1:]])
        people = []
        for name, role in IN_EACH.items():
            member = guild.add_member(name, roles=roles.get(role, ()), manage_guild=role is Role.ADMINISTRATOR)
            people.append(Person(name, member.id, role, room))
            self._members[member.id] = member
        self._channels |= {channel.id: channel for channel in channels}
        admin, author = (next(person for person in people if person.name == name) for name in ("Ada", "Anne"))
        news = guild.add_channel("annonces")
        reply = await self._act(admin, "setup", announcements=news, log=channels[0], reporter=reporter, editor=editor)
        assert reply.embeds, reply.text
        reply = await self._act(author, "watch add", kind="company", name="Corvoy")
        assert "Corvoy" in reply.text, reply.text
        async with self._house.app.database.read() as connection:
            row = await connection.one("SELECT id FROM watch_item WHERE guild_id = ?", guild.id)
        assert row is not None
        room.item = row["id"]
        return room, people

    # --- people ---

    async def _act(self, who: Person, command: str, **options: Any) -> Reply:
        """Let a person use a command in their newsroom's first channel, hidden from them or not."""
        return await self._members[who.id].slash(command, self._channels[who.room.log], force=True, **options)

    async def _does(self, who: Person, command: str, **options: Any) -> str | None:
        return self._refusal(await self._act(who, command, **options))

    async def _sends(self, form: Form, values: Mapping[str, str]) -> str | None:
        assert isinstance(form.handle, Reply)
        return self._refusal(await self._members[form.person.id].submit(form.handle, values))

    def _refusal(self, reply: Reply) -> str | None:
        """Return the text id of the sentence that refuses, None where nothing is refused."""
        assert reply.modal is not None or reply.ephemeral
        return next((text for text, pattern in self._refusals.items() if pattern.fullmatch(reply.content)), None)

    # --- what they do ---

    async def tip_add(
        self, who: Person, text: str, *, sensitive: bool, into: Sequence[Dossier], items: set[int]
    ) -> str | None:
        item = "; ".join(map(str, items)) or None
        return await self._does(who, "tip add", text=text, sensitive=sensitive, dossier=_listed(into), item=item)

    async def tip_note(self, who: Person, tip: Tip, text: str) -> str | None:
        return await self._does(who, "tip note", tip=str(tip.id), text=text)

    async def tip_assign(self, who: Person, tip: Tip, owner: Person) -> str | None:
        return await self._does(who, "tip assign", tip=str(tip.id), member=self._members[owner.id])

    async def tip_status(self, who: Person, tip: Tip, status: str) -> str | None:
        return await self._does(who, "tip status", tip=str(tip.id), status=status)

    async def open_form(self, kind: str, who: Person, thing: Tip | Fact) -> tuple[str | None, object]:
        if isinstance(thing, Tip):
            reply = await self._act(who, f"tip {kind}", tip=str(thing.id))
        else:
            reply = await self._act(who, "fact correct", fact=str(thing.id), reason="?")
        return self._refusal(reply), reply

    async def send_edit(self, form: Form, text: str, *, sensitive: bool, reason: str | None) -> str | None:
        values = {"text": text, "sensitive": "yes" if sensitive else "no", "reason": reason or ""}
        return await self._sends(form, values)

    async def send_promote(self, form: Form, claim: str, source: str) -> str | None:
        return await self._sends(form, {"claim": claim, "source": source})

    async def send_correct(self, form: Form, claim: str, reason: str) -> str | None:
        return await self._sends(form, {"claim": claim, "reason": reason})

    async def fact_add(self, who: Person, claim: str, source: str, into: Sequence[Dossier]) -> str | None:
        return await self._does(who, "fact add", claim=claim, source=source, dossier=_listed(into))

    async def fact_cite(self, who: Person, fact: Fact, source: str) -> str | None:
        return await self._does(who, "fact cite", fact=str(fact.id), source=source)

    async def fact_correct(
        self, who: Person, fact: Fact, *, claim: str | None, source: str | None, reason: str
    ) -> str | None:
        return await self._does(who, "fact correct", fact=str(fact.id), claim=claim, source=source, reason=reason)

    async def fact_judge(self, who: Person, fact: Fact, verdict: str, reason: str) -> str | None:
        why = {} if verdict == "verify" else {"reason": reason}
        return await self._does(who, f"fact {verdict}", fact=str(fact.id), **why)

    async def dossier_create(self, who: Person, name: str, channel: int | None) -> str | None:
        own = self._channels[channel] if channel is not None else None
        return await self._does(who, "dossier create", name=name, channel=own)

    async def dossier_put(self, who: Person, dossier: Dossier, thing: Tip | Fact) -> str | None:
        kind = "tuyau" if isinstance(thing, Tip) else "fait"
        return await self._does(who, "dossier add", dossier=str(dossier.id), thing=f"{kind} {thing.id}")

    async def dossier_close(self, who: Person, dossier: Dossier) -> str | None:
        return await self._does(who, "dossier close", dossier=str(dossier.id))

    async def dossier_reopen(self, who: Person, dossier: Dossier) -> str | None:
        return await self._does(who, "dossier reopen", dossier=str(dossier.id))

    # --- what they see ---

    async def listed(self, who: Person, kind: str) -> Seen:
        return self._seen(await self._act(who, f"{kind} list"))

    async def shown(self, who: Person, thing: Tip | Fact) -> Seen:
        kind = "tip" if isinstance(thing, Tip) else "fact"
        return self._seen(await self._act(who, f"{kind} show", **{kind: str(thing.id)}))

    async def found(self, who: Person, word: str) -> Seen:
        return self._seen(await self._act(who, "search", query=word))

    async def proposed(self, who: Person, kind: str, typed: str) -> Seen:
        choices = await self._members[who.id].autocomplete(
            f"{kind} show", option=kind, typed=typed, channel=self._channels[who.room.log], force=True
        )
        return Seen(None, words_in(" ".join(choice.name for choice in choices)), len(choices))

    async def exported(self, who: Person) -> Exported | None:
        reply = await self._act(who, "fact export")
        if self._refusal(reply) is not None:
            return None
        return {file.filename: read_csv(file.data) for file in reply.attachments if file.filename.endswith(".csv")}

    def _seen(self, reply: Reply) -> Seen:
        """Return what a reply tells, without the query above what was found; its title counts."""
        title = reply.embeds[0]["title"] if reply.embeds else ""
        told = [reply.content, title, *(embed.get("description", "") for embed in reply.embeds)]
        told += [f"{field['name']} {field['value']}" for embed in reply.embeds for field in embed.get("fields", ())]
        return Seen(self._refusal(reply), words_in("\n".join(told)), sum(map(int, re.findall(r"\d+", title))))


def _listed(dossiers: Sequence[Dossier]) -> str | None:
    return "; ".join(str(dossier.id) for dossier in dossiers) or None


def _pattern(text: str) -> re.Pattern[str]:
    """Return what a text with places for values looks like once they are filled in."""
    parts = re.split(r"\{\w+\}", text)
    return re.compile(".*".join(map(re.escape, parts)), re.DOTALL)
