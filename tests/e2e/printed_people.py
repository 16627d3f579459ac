"""Everybody around one sensitive tip, each under a letter, and all that the bot ever shows them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.locales import Language, Texts, load
from bot.loopback import Channel, Member, Message, Reply
from bot.loopback.publishers.boamp_records import fns_notice
from tests.command_line import Ended, vigie_beside
from tests.e2e.log_world import OtherNewsroom, other_newsroom
from tests.e2e.world import PARIS, PATIENCE_S, World, in_days, today, words_of

NAMES = {
    "A": "the author",
    "O": "the owner of the tip",
    "E": "an editor",
    "R": "another reporter",
    "D": "an administrator without a role",
    "x": "an outsider",
    "c": "the second newsroom's chief",
    "r": "the second newsroom's reporter",
    "e": "the second newsroom's editor",
    "C": "whoever reads the newsroom's channels",
    "k": "whoever reads the second newsroom's channel",
    "T": "who exports at the command line",
    "S": "who exports there with what is sensitive",
    "l": "who reads the log of the process",
}
"""Who looks, by the letter of the table; a small one may never know anything."""
MEMBERS = "AOERDxcre"

UNCOUNTED = {"draft", "member", "poll_log", "sqlite_sequence"}
"""Tables in which a refusal may leave what was typed, to be given back, and who was there; polls go on meanwhile."""
TEXTS = Texts(Language.FR, PARIS)
"""What people there read."""
ITEM, AFFAIR, PORT = "Valmarin SAS", "Écluses", "Port"


@dataclass
class Desk:
    """A newsroom with a log channel, a dossier with a channel of its own and one without, beside another newsroom."""

    world: World
    away: Path
    journal: Channel
    affair: Channel
    owner: Member
    colleague: Member
    administrator: Member
    other: OtherNewsroom
    exports: int = 0
    notices: int = 0
    people: dict[str, tuple[Member, Channel]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        world, other, here = self.world, self.other, self.world.announcements
        ours = {"A": world.reporter, "O": self.owner, "E": world.editor, "R": self.colleague, "D": self.administrator}
        theirs = {"c": other.chief, "r": other.reporter, "e": other.editor}
        self.people = {letter: (member, here) for letter, member in (ours | {"x": world.outsider}).items()}
        self.people |= {letter: (member, other.channel) for letter, member in theirs.items()}

    async def does(self, who: str, command: str, /, **options: Any) -> Reply:
        """Let somebody use a command, and wait until the cards are what they should be."""
        member, channel = self.people[who]
        reply = await member.slash(command, channel, **options)
        assert reply.modal is not None or reply.ephemeral
        await self.world.until_settled()
        return reply

    async def is_refused(self, who: str, command: str, text_id: str, /, **options: Any) -> None:
        """Let somebody try what is refused: they read why, by that text of the catalogue, and nothing is half-saved."""
        before = self.rows_stored()
        reply = await self.does(who, command, **options)
        asked = f"/{command} {[*options]} by {NAMES[who]}"
        assert says(reply, text_id), f"{asked} is not told {text_id}: {reply.text[:400]}"
        left = {table: rows for table, rows in self.rows_stored().items() if rows != before[table]}
        assert left == {}, f"{asked} left something"

    def rows_stored(self) -> dict[str, int]:
        """Return how many rows each table has."""
        tables = [row["name"] for row in self.world.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
        counted = [f"SELECT '{name}', count(*) FROM \"{name}\"" for name in tables if name not in UNCOUNTED]  # noqa: S608  # ours
        return {row[0]: row[1] for row in self.world.rows(" UNION ALL ".join(counted))}

    async def publishes_a_notice(self) -> None:
        """Let a source publish a notice that hits the company, and wait until both newsrooms read of it."""
        self.notices += 1
        objet = f"Portes d'ouvrages fluviaux, Valmarin, lot {self.notices}"
        record = fns_notice(idweb=f"26-{100 + self.notices}", objet=objet, published=today(), deadline=in_days(30))
        self.world.boamp.records.append(record)
        for channel in (self.world.announcements, self.other.channel):
            await channel.wait_for(lambda _, there=channel: objet in self.read(there), PATIENCE_S)  # type: ignore[misc]  # bound now
        await self.world.until_settled()

    async def vigie(self, *arguments: object, module: str = "bot.loopback.launcher") -> Ended:
        """Run the command line beside the bot, at the bot's time."""
        world = self.world
        config = ("--config", world.folder / "config.toml")
        variables = {**world.platform.environment(), **world.environment}
        return await vigie_beside(*arguments, *config, module=module, variables=variables)

    async def exports_at_the_terminal(self) -> Path:
        """Export from the command line into a new folder, away from the bot's own: `facts`, `tips`, and with all."""
        self.exports += 1
        folder = self.away / f"export-{self.exports}"
        ended = await self.vigie(self.world.guild.id, folder, module="tests.e2e.printed_exports")
        assert ended.returncode == 0, ended.stderr
        return folder

    async def restarts(self) -> None:
        """Stop the bot and start it again."""
        assert await self.world.bots[-1].stop() == 0
        await self.world.started()

    def posted(self) -> list[Message]:
        """Return the messages of the bot's in the newsroom's channels, channel by channel, oldest first."""
        return [message for channel in self.world.guild.channels for message in self.world.posted(channel)]

    def of_kind(self, kind: str) -> list[Message]:
        """Return the messages that show announcements of a kind, oldest first."""
        query = "SELECT message_id FROM announcement WHERE guild_id = ? AND kind = ? AND message_id IS NOT NULL"
        ids = {row["message_id"] for row in self.world.rows(query, self.world.guild.id, kind)}
        return sorted((message for message in self.posted() if message.id in ids), key=lambda message: message.id)

    def private(self, who: str) -> list[Message]:
        """Return what the bot wrote to somebody alone."""
        return self.world.posted(self.people[who][0].dm)

    def read(self, channel: Channel) -> str:
        """Return all that the bot's messages in a channel say."""
        return "\n".join(map(words_of, self.world.posted(channel)))


async def furnished(world: World, away: Path) -> Desk:
    """Start the bot and set both newsrooms up; both follow the company."""
    temporary = world.folder / "tmp"
    temporary.mkdir()
    world.environment["TMPDIR"] = str(temporary)
    world.set_clock(world.now())
    journal, affair = world.guild.add_channel("journal"), world.guild.add_channel("affaire")
    await world.ready()
    await world.admin.slash("setup", world.announcements, log=journal)
    reporter = [world.roles["reporter"]]
    owner, colleague = (world.guild.add_member(name, roles=reporter) for name in ("Bruno", "Inès"))
    # Of nobody else does Discord tell a bot that they manage the server: by a role of theirs.
    administrator = world.guild.add_member("Delphine", roles=[world.guild.add_role("direction", "manage_guild")])
    desk = Desk(world, away, journal, affair, owner, colleague, administrator, await other_newsroom(world))
    await desk.does("r", "watch add", kind="company", name=ITEM)
    await desk.does("A", "dossier create", name=AFFAIR, channel=affair)
    await desk.does("A", "dossier create", name=PORT)
    # Far from now: what falls due by itself is no part of this.
    at = f"{(world.now().hour + 12) % 24:02}:30"
    await desk.does("E", "digest schedule", channel=world.announcements, every="daily", at=at)
    await desk.does("E", "digest schedule", channel=affair, every="daily", at=at, dossier=AFFAIR)
    return desk


def says(reply: Reply, text_id: str) -> bool:
    """Return whether an answer holds a text of the catalogue, with whatever values."""
    parts = re.split(r"\{\w+\}", load(Language.FR).text(text_id))
    return re.search(".*".join(map(re.escape, parts)), reply.text, re.DOTALL) is not None


def told(reply: Reply) -> str:
    """Return everything that an answer says: texts, embeds, buttons, forms, proposals, files."""
    interaction = reply.interaction
    messages = [message for message in (interaction.original, *interaction.followups) if message]
    return written([*map(shown, messages), interaction.modal, interaction.choices])


def shown(message: Message) -> list[object]:
    """Return everything of a message, its files too."""
    files = [(file.filename, file.data.decode("utf-8-sig")) for file in message.attachments]
    return [message.content, message.embeds, message.components, files]


def written(parts: object) -> str:
    """Return parts of payloads as one text, each line of it by itself."""
    return "\n".join(_strings(json.loads(json.dumps(parts))))


def _strings(part: Any) -> Iterator[str]:
    if isinstance(part, dict):
        part = [*part.values()]
    if isinstance(part, list):
        for one in part:
            yield from _strings(one)
    else:
        yield str(part)


def holds(text: str, pattern: str) -> bool:
    """Return whether something stands in a text, whatever its case."""
    return re.search(pattern, text, re.IGNORECASE) is not None
