"""Another newsroom on the same bot, and strangers who try every way to what they may not see."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from bot.loopback import Channel, Member, Message
from bot.loopback.state import Command
from tests.e2e.world import World

SLASH, SUB_COMMAND, STRING, BOOLEAN, USER, CHANNEL = 1, 1, 3, 5, 6, 7
BUTTON = 2
NOT_TRIED = {"setup", "source check", "watch import"}
"""What strangers leave alone: their own newsroom's settings, a poll, a file of their own."""


@dataclass
class Strangers:
    """People who may see nothing of something: each with the channel where they are, and all that they can read."""

    desk: World
    people: list[tuple[Member, Channel]]
    readable: list[Channel]
    secrets: set[str] = field(default_factory=set)
    beginnings: list[str] = field(default_factory=list)

    def hide(self, *words: str) -> None:
        """Note words that no stranger may ever read."""
        self.secrets |= {word.casefold() for word in words}

    def hide_name(self, word: str) -> None:
        """Note a word that names something: strangers type how it begins, and may not read how it ends."""
        self.hide(word)
        self.beginnings.append(word[: len(word) // 2])

    async def look(self) -> None:
        """Read whatever can be read, every way of naming a thing, and see nothing."""
        await asyncio.gather(*(self._look(member, channel) for member, channel in self.people))
        self.have_seen_nothing()

    async def try_everything(self) -> None:
        """Use every command and every proposal that the bot offers, on things of the newsroom, and change nothing."""
        before = self._stored()
        await asyncio.gather(*(self._try(member, channel) for member, channel in self.people))
        self.have_seen_nothing()
        assert self._stored() == before

    async def press_everything(self, *custom_ids: str) -> None:
        """Press every button and use every select that the newsroom was ever given, forged into one's own replies."""
        before = self._stored()
        for member, channel in self.people:
            for kind, custom_id in [*self._given(), *((BUTTON, custom_id) for custom_id in custom_ids)]:
                reply = await member.slash("help", channel, force=True)
                assert reply.message is not None
                reply.message.components = [_forged(kind, custom_id)]
                if kind == BUTTON:
                    await member.click(reply, custom_id=custom_id)
                else:
                    await member.select(reply, custom_id, ["1"])
        self.have_seen_nothing()
        assert self._stored() == before

    def _given(self) -> list[tuple[int, str]]:
        """Return every component that the bot showed people of the newsroom, by kind and custom_id."""
        messages = [message for channel in self.desk.guild.channels for message in channel.messages]
        for interaction in self.desk.platform.interactions.by_token.values():
            if interaction.channel.guild is self.desk.guild:
                messages += [message for message in (interaction.original, *interaction.followups) if message]
        rows = (row for message in messages for row in message.components)
        parts = (part for row in rows for part in row.get("components", ()) if part.get("custom_id"))
        return sorted({(part["type"], part["custom_id"]) for part in parts})

    def have_seen_nothing(self) -> None:
        """Look through all that Discord ever showed a stranger for words that they may not read."""
        told = {member.name: self._told(member) for member, _ in self.people}
        told |= {channel.name: _written([_shown(message) for message in channel.messages]) for channel in self.readable}
        seen = [(who, word) for who, text in told.items() for word in self.secrets if word in text.casefold()]
        assert seen == []

    def _told(self, member: Member) -> str:
        """Return everything that the bot answered somebody: messages, files, forms, proposals."""
        parts: list[object] = []
        for interaction in self.desk.platform.interactions.by_token.values():
            if interaction.member.user is member.user:
                messages = [message for message in (interaction.original, *interaction.followups) if message]
                parts += [interaction.modal, interaction.choices, [_shown(message) for message in messages]]
        return _written(parts)

    def _stored(self) -> list[tuple[object, ...]]:
        guild = self.desk.guild.id
        tables = ["tip", "tip_revision", "tip_change", "fact", "fact_revision", "fact_change", "citation"]
        tables += [
            "dossier",
            "dossier_item",
            "dossier_tip",
            "dossier_fact",
            "tip_item",
            "fact_item",
            "watch_item",
            "digest",
        ]
        queries = (f"SELECT * FROM {table} WHERE guild_id = ?" for table in tables)  # noqa: S608  # ours
        return [tuple(row) for query in queries for row in self.desk.rows(query, guild)]

    def _ways(self) -> list[str]:
        """Return how things of the newsroom can be named: by number, by the code and the link of a card, by words."""
        cards = self.desk.rows("SELECT code, channel_id, message_id FROM announcement WHERE message_id IS NOT NULL")
        ways = ["1", *self.beginnings]
        for card in cards[-1:]:
            link = f"https://discord.com/channels/{self.desk.guild.id}/{card['channel_id']}/{card['message_id']}"
            ways += [card["code"], link]
        return ways

    async def _look(self, member: Member, channel: Channel) -> None:
        for command in ("tip list", "fact list", "dossier list", "fact export", "watch list", "watch export"):
            await member.slash(command, channel, force=True)
        for way in self._ways():
            for command, option in (("tip show", "tip"), ("fact show", "fact"), ("dossier show", "dossier")):
                named: dict[str, Any] = {option: way}
                await member.slash(command, channel, force=True, **named)
        for beginning in ("", *self.beginnings):
            for command, option in (("tip show", "tip"), ("fact show", "fact"), ("dossier add", "thing")):
                await member.autocomplete(command, option=option, typed=beginning, channel=channel, force=True)
        for beginning in self.beginnings:
            await member.slash("search", channel, force=True, query=f"{beginning}*")

    async def _try(self, member: Member, channel: Channel) -> None:
        for command in self.desk.platform.commands_in(channel.guild):
            for path, options in _leaves(command):
                if path in NOT_TRIED:
                    continue
                names = [option["name"] for option in options if option.get("autocomplete")]
                for name in names:
                    for typed in ("", *self.beginnings):
                        await member.autocomplete(path, option=name, typed=typed, channel=channel, force=True)
                for way in self._ways() if names else ["x"]:
                    await self._use(member, channel, path, options, way)

    async def _use(
        self, member: Member, channel: Channel, path: str, options: list[Mapping[str, Any]], way: str
    ) -> None:
        """Use a command with all its options, and with those that it needs; send the form that it opens."""
        every: dict[str, Any] = {option["name"]: _filling(option, way, member, channel) for option in options}
        needed = {option["name"]: every[option["name"]] for option in options if option.get("required")}
        for given in [every] if every == needed else [every, needed]:
            reply = await member.slash(path, channel, force=True, **given)
            if reply.modal is not None:
                fields = json.dumps(reply.modal)
                await member.submit(reply, {name: "x" for name in ("text", "claim") if f'"{name}"' in fields})


def _leaves(command: Command) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """Yield the slash commands of a group, or the one that stands alone, with their options."""
    options = command.body.get("options") or []
    groups = [option for option in options if option["type"] == SUB_COMMAND]
    if command.type == SLASH and not groups:
        yield command.name, options
    for below in groups:
        yield f"{command.name} {below['name']}", below.get("options") or []


def _filling(option: Mapping[str, Any], way: str, member: Member, channel: Channel) -> object:
    """Return what a stranger gives for an option: a thing of the newsroom wherever one can be named."""
    if option.get("choices"):
        return option["choices"][0]["value"]
    string = way if option.get("autocomplete") else "x"
    fillings = {STRING: string, BOOLEAN: False, USER: member, CHANNEL: channel}
    return fillings.get(option["type"])


def _forged(kind: int, custom_id: str) -> dict[str, Any]:
    part: dict[str, Any] = {"type": kind, "id": 2, "custom_id": custom_id}
    if kind == BUTTON:
        part |= {"style": 2, "label": "…"}
    else:
        part |= {"options": [{"label": "…", "value": "1"}], "min_values": 1, "max_values": 1}
    return {"type": 1, "id": 1, "components": [part]}


def _written(parts: object) -> str:
    return json.dumps(parts, ensure_ascii=False)


def _shown(message: Message) -> list[object]:
    files = [(file.filename, file.data.decode("utf-8", "replace")) for file in message.attachments]
    return [message.content, message.embeds, message.components, files]


@dataclass
class OtherNewsroom:
    """Another newsroom on the same bot."""

    channel: Channel
    chief: Member
    reporter: Member
    editor: Member


async def other_newsroom(desk: World) -> OtherNewsroom:
    """Set another newsroom up on the bot that runs."""
    guild = desk.platform.add_guild("Autre rédaction", locale="fr")
    channel = guild.add_channel("annonces")
    reporter, editor = guild.add_role("reporter"), guild.add_role("editor")
    made = OtherNewsroom(
        channel,
        guild.add_member("Chloé", manage_guild=True),
        guild.add_member("Rémi", roles=[reporter]),
        guild.add_member("Élise", roles=[editor]),
    )
    await made.chief.slash("setup", channel, announcements=channel, log=channel, reporter=reporter, editor=editor)
    return made


async def restart(desk: World) -> None:
    """Stop the bot and start it again."""
    assert await desk.bots[-1].stop() == 0
    await desk.started()
