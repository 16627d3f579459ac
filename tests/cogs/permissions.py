"""A newsroom with the people whom docs/permissions.md names, and the things that they ask for.

`World` makes things directly, as if the author had entered them, and asks as each person would.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Awaitable, Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any, Final

from bot import dossiers
from bot.access import Viewer
from bot.digest.scheduling import schedule
from bot.entering import Belongings
from bot.facts import changes as fact_changes
from bot.facts.citing import read_citation
from bot.facts.entry import FactEntry, with_origin
from bot.locales import Language, Texts
from bot.loopback import Member, NoAnswer, Reply, messages
from bot.loopback.channels import PUBLIC_THREAD, Channel
from bot.loopback.state import EPHEMERAL, Json, Message
from bot.models import Claim, Every, ItemKind, Notice, TipWords
from bot.storage.log import drafts
from bot.storage.watching import follows
from bot.tips import changes as tip_changes
from bot.tips import erasing
from bot.watchlist import changes as item_changes
from bot.watchlist import taking
from bot.watchlist.dismissing import dismiss
from tests.cogs.house import House, Room
from tests.permission_tables import ELSEWHERE, OTHERS, PRIVATE, THREAD

NEVER: Final = "999999"
"""A number that nothing ever had."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Hold what came of an act: its words, whether a form opened, and whether the audit log has more of the person."""

    text: str
    reply: Reply | None
    is_noted: bool

    @property
    def form(self) -> bool:
        return self.reply is not None and self.reply.modal is not None

    @property
    def is_private(self) -> bool:
        """Tell whether nobody else sees it: a form, a message to one person, or nothing at all."""
        shown = [self.reply.message, *self.reply.followups] if self.reply is not None else []
        return all(one is None or one.ephemeral or one.seen_by is not None or one.guild_id is None for one in shown)


@dataclass(slots=True)
class World:
    """Hold a newsroom, another one on the same bot, and its people by their column; `author` entered every thing."""

    house: House
    room: Room
    theirs: Room
    people: dict[str, Member]
    thread: Channel
    author_elsewhere: Member
    words: Texts
    reader: sqlite3.Connection
    made: int = 0
    standing: dict[tuple[str, str], tuple[str, str]] = field(default_factory=dict)

    @classmethod
    async def of(cls, house: House, theirs: Room, reader: sqlite3.Connection) -> World:
        room = await house.newsroom(house.guild())
        reporter = [room.reporter_role]
        people = {
            "stranger": room.stranger,
            "reporter": room.guild.add_member("Zoé", roles=reporter),
            "author": room.reporter,
            "owner": room.guild.add_member("Olga", roles=reporter),
            "editor": room.editor,
            "administrator": room.guild.add_member("Ada", roles=[room.guild.add_role("serveur", "manage_guild")]),
            OTHERS: theirs.editor,
        }
        thread = room.guild.add_channel("fil", kind=PUBLIC_THREAD, parent=room.desk)
        elsewhere = theirs.guild.join(room.reporter, roles=[theirs.editor_role])
        words = Texts(Language.FR, house.settings.newsroom.timezone)
        return cls(house, room, theirs, people, thread, elsewhere, words, reader)

    def at(self, who: str, where: str) -> tuple[Member, Channel]:
        """Return a person and the channel of a place; in another server the author is an editor of that newsroom."""
        if who == OTHERS or where == ELSEWHERE:
            return (self.people[OTHERS] if who == OTHERS else self.author_elsewhere), self.theirs.desk
        by = self.people[who]
        return by, by.dm if where == PRIVATE else self.thread if where == THREAD else self.room.desk

    def viewer(self, who: str) -> Viewer:
        return Viewer(guild_id=self.room.guild.id, user_id=self.people[who].id, sees_all=who == "editor")

    def moment(self) -> datetime:
        """Return a moment of the past, minutes after the last one: nobody logs in haste."""
        self.made += 1
        return self.house.clock.now() - timedelta(days=9) + timedelta(minutes=3 * self.made)

    def later(self, days: int = 200) -> datetime:
        return (self.house.clock.now() + timedelta(days=days)).replace(microsecond=0)

    async def thing(self, kind: str, state: str = "open", *, is_fresh: bool = False) -> tuple[str, str]:
        """Return the number of a thing and a word of it that stands nowhere else; the one that stands, unless fresh."""
        if is_fresh or (kind, state) not in self.standing:
            now = self.moment()
            word = f"Zibeline{self.made}x"
            number = await getattr(self, f"_{kind}")(state, word, now)
            self.standing[kind, state] = str(number), word
        return self.standing[kind, state]

    async def _tip(self, state: str, word: str, now: datetime) -> int:
        database, author = self.house.app.database, self.viewer("author")
        until = self.later() if "embargoed" in state else None
        words = TipWords(text=f"Varnoquel signe {word}", is_sensitive="sensitive" in state)
        made = await tip_changes.add(database, author, words, now, Belongings(embargo_until=until))
        await tip_changes.assign(database, author, made.tip.id, self.people["owner"].id, now)
        if "erased" in state:
            await erasing.erase(database, self.viewer("editor"), made.tip.id, now)
        return made.tip.id

    async def _fact(self, state: str, word: str, now: datetime) -> int:
        database, author = self.house.app.database, self.viewer("author")
        source = read_citation(f"https://agenda.example/{word}", "lu", guild_id=author.guild_id, now=now)
        cited = with_origin(source, f"Dépêche {word}")
        until = self.later() if state == "embargoed" else None
        entry = FactEntry(Claim(text=f"Varnoquel possède {word}"), (cited,), None)
        made = await fact_changes.add(database, author, entry, now, Belongings(embargo_until=until))
        if state == "verified":
            await fact_changes.verify(database, self.viewer("editor"), made.fact.id, now, reason="vu sur pièces")
        return made.fact.id

    async def _item(self, state: str, word: str, now: datetime) -> int:
        item = await self.house.follow(self.room, self.people["author"], kind=ItemKind.COMPANY, name=word)
        database, by = self.house.app.database, self.people["author"].id
        if state == "removed":
            await item_changes.remove(database, item, by, now)
        if state == "muted":
            until = self.later()
            await item_changes.mute(
                database, self.room.guild.id, item.id or 0, seen=None, until=until, by=by, now=self.house.clock.now()
            )
        return item.id or 0

    async def _dossier(self, state: str, word: str, now: datetime) -> int:
        database, author = self.house.app.database, self.viewer("author")
        made = await dossiers.create(database, author, word, None, self.house.platform.new_id(), now)
        if state == "closed":
            await dossiers.close(database, self.viewer("editor"), made.id, now)
        return made.id

    async def _digest(self, state: str, word: str, now: datetime) -> int:  # noqa: ARG002  # one shape for all kinds
        channel = self.room.guild.add_channel(word.lower())
        new_id = self.house.platform.new_id()
        made = await schedule(
            self.house.app.database, self.viewer("editor"), channel.id, Every.DAILY, time(8, 30), None, new_id, now
        )
        return made.id

    async def _notice(self, _: str, word: str, __: datetime) -> str:
        """Announce a notice that hits an item of that name; return the code of the announcement."""
        item = await self.house.follow(self.room, self.people["author"], kind=ItemKind.COMPANY, name=word)
        notice = Notice(id=f"26-{item.id}", source="boamp", title=f"Avis {word}", text=word)
        message = await self.house.announce(self.room, [item], notice=notice)
        return str(message.embeds[0]["footer"]["text"]).rsplit(maxsplit=1)[-1]

    async def _found(self, state: str, word: str, now: datetime) -> int:
        """Return the item of an announcement."""
        await self._notice(state, word, now)
        return self.one("SELECT max(id) FROM watch_item WHERE guild_id = ?", self.room.guild.id)

    async def _hit(self, state: str, word: str, now: datetime) -> int:
        """Return the hit of an announcement."""
        await self._notice(state, word, now)
        return self.one("SELECT max(id) FROM hit WHERE guild_id = ?", self.room.guild.id)

    async def _taken(self, state: str, word: str, now: datetime) -> str:
        """Take the notice of an announcement; return the code of that."""
        code = await self._notice(state, word, now)
        database, by = self.house.app.database, self.people["author"].id
        await taking.take(database, self.room.guild.id, code, None, by, self.house.clock.now())
        return code

    async def _take(self, state: str, word: str, now: datetime) -> int:
        await self._taken(state, word, now)
        return self.one("SELECT max(id) FROM take WHERE guild_id = ?", self.room.guild.id)

    async def _follow(self, state: str, word: str, now: datetime) -> int:
        """Let the author follow the procedure of an announced notice."""
        await self._notice(state, word, now)
        row, by = self.one("SELECT max(id) FROM notice"), self.people["author"].id
        channel = self.one("SELECT max(channel_id) FROM channel WHERE guild_id = ?", self.room.guild.id)
        async with self.house.app.database.tx("test.follow") as connection:
            return (await follows.add(connection, self.room.guild.id, row, channel, by, now)).id

    async def _dismissal(self, state: str, word: str, now: datetime) -> int:
        row, by = await self._hit(state, word, now), self.people["author"].id
        return (await dismiss(self.house.app.database, self.room.guild.id, row, None, by, now)).dismissal.id

    def one(self, sql: str, *values: object) -> int:
        """Return the one number that a query over what is stored finds, 0 where there is none."""
        row = self.reader.execute(sql, values).fetchone()
        return int(row[0] or 0) if row else 0

    def entries(self) -> int:
        """Return how many entries the newsroom's audit log has."""
        return self.one("SELECT max(number) FROM audit WHERE guild_id = ?", self.room.guild.id)

    async def answer(self, asking: Awaitable[Reply]) -> Answer:
        """Return what comes of an act."""
        before = self.entries()
        try:
            reply = await asking
        except NoAnswer as error:
            return Answer(f"no answer: {error}", None, is_noted=False)
        return Answer(reply.text, reply, self.entries() > before)

    def judge(  # noqa: PLR0911  # one return for each answer of the page
        self, answer: Answer, shows: str, never: Answer | None, number: str
    ) -> str:
        """Return what became of an act, in the words of the page; what is none of them as it is.

        It was done where the audit log has it, a form opened, or the answer `shows` what was asked for.
        """
        text = answer.text
        if not answer.is_private:
            return f"shown to all: {text}"
        if "mal passé" in text:
            return f"broke: {text}"
        if answer.is_noted or answer.form:
            return "yes"
        if text == self.words("access-guild-only"):
            return "refused"
        if text.removeprefix("…\n").split("\n")[0] in {self.words(one) for one in REFUSALS}:
            return "no"
        if never is not None and text.replace(number, NEVER) == never.text:
            return "unknown"
        if "effacé le" in text:
            return "erased"
        return "yes" if shows and shows in text else f"? {text}"

    async def draft(self, who: Member, form: str, context: Mapping[str, Any], **values: str) -> int:
        """Keep a form as if somebody had been shown it; return its id."""
        async with self.house.app.database.tx("test") as connection:
            now = self.house.clock.now()
            made = await drafts.add(connection, who.guild.id, who.id, form, context=context, values=values, now=now)
        return made.id

    def show(self, place: Channel, component: Json, *, to: Member | None = None, above: str | None = None) -> Message:
        """Put a message of the bot into a channel with a button or a select under it, as a reply `to` one person alone.

        `above` is what stands above the results of a search.
        """
        body: Json = {"content": "…", "components": [{"type": 1, "components": [component]}]}
        if above is not None:
            body["embeds"] = [{"author": {"name": above}, "description": "…"}]
        platform, alone = self.house.platform, to is not None and place.guild is not None
        message = messages.build(
            platform,
            place,
            platform.bot_user,
            body,
            {},
            via="interaction",
            flags=EPHEMERAL if alone else 0,
            ephemeral_for=to.id if alone and to is not None else None,
        )
        platform.add_message(place, message)
        return message


REFUSALS: Final = (
    "access-not-set-up",
    "access-no-role",
    "access-administrators",
    "access-editors",
    "access-editors-only",
    "access-fact-verified",
    "access-fact-verified-embargo",
)


@contextmanager
def reading(house: House) -> Iterator[sqlite3.Connection]:
    """Read what the bot has stored beside it, without its loop."""
    with closing(sqlite3.connect(f"file:{house.app.database.path}?mode=ro", uri=True)) as connection:
        yield connection


def wrong_cells(cells: Mapping[tuple[str, ...], tuple[str, str]]) -> str:
    """Return the cells that are not as the page says, as a table."""
    wrong = [(*names, said, is_so) for names, (said, is_so) in cells.items() if said != is_so]
    return "\n".join(f"{' | '.join(row[:-2])}: the page says {row[-2]!r}, it is {row[-1][:300]!r}" for row in wrong)
