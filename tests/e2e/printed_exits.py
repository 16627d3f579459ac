"""Every way on which what was logged can come before somebody's eyes, as a list."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.access import TABLE, Action, Rule
from bot.loopback import Reply
from tests.e2e.log_world import SUB_COMMAND
from tests.e2e.printed_people import AFFAIR, MEMBERS, PORT, Desk, shown, told, written

Way = Callable[[Desk, str], Awaitable[str]]
"""How somebody, named by a letter, looks: what they then read."""

NAMES_A_THING = {"tip", "fact", "thing", "origin", "from"}
"""The options that name a tip or a fact, or what was said of one, where Discord proposes what may be meant."""

TIP = "tip", "its origin", "its note"
FACT = "claim", "former claim", "quote", "dispatch", "second article", "register", "correction", "reason"
SECOND = "second claim", "its source"


@dataclass(frozen=True, slots=True)
class Exit:
    """Hold a way, by whom it is tried, and the words that it shows to whoever may know them.

    `certain` are those who are shown them there, None for all who may know them: a command is not everybody's.
    """

    name: str
    look: Way
    tells: tuple[str, ...] = ()
    by: str = MEMBERS
    certain: str | None = None


def uses(command: str, /, **options: Any) -> Way:
    """Return the way of a command that anybody sends, though Discord would hide it from them."""

    async def look(desk: Desk, who: str) -> str:
        member, channel = desk.people[who]
        return told(await member.slash(command, channel, force=True, **options))

    return look


async def asks_why(desk: Desk, who: str) -> str:
    """Return what `/why` says of the newest announcement of a fact, of a notice while there is none."""
    query = """
        SELECT code FROM announcement WHERE guild_id = ? AND kind IN ('notice', 'tip', 'fact')
        ORDER BY kind = 'notice', id DESC LIMIT 1
    """
    (row,) = desk.world.rows(query, desk.world.guild.id)
    return await uses("why", notice=row["code"])(desk, who)


def types(command: str, option: str, typed: str) -> Way:
    """Return the way of what Discord proposes to somebody who types into an option."""

    async def look(desk: Desk, who: str) -> str:
        member, channel = desk.people[who]
        choices = await member.autocomplete(command, option=option, typed=typed, channel=channel, force=True)
        return written([[choice.name, choice.value] for choice in choices])

    return look


async def turns_the_audit_log(desk: Desk, who: str) -> str:
    """Return every page of `/audit list`."""
    member, channel = desk.people[who]
    reply = await member.slash("audit list", channel, force=True)
    pages = [told(reply)]
    while is_offered(reply, f"audit:-:{len(pages)}"):
        await member.click(reply, custom_id=f"audit:-:{len(pages)}")
        pages.append(told(reply))
    return "\n".join(pages)


def is_offered(reply: Reply, custom_id: str) -> bool:
    """Return whether a button can be pressed under an answer."""
    buttons = (button for row in reply.components for button in row["components"])
    return any(button["custom_id"] == custom_id and not button.get("disabled") for button in buttons)


def exported(*folders: str) -> Way:
    """Return the way of what the command line wrote last into some folders."""

    async def look(desk: Desk, _who: str) -> str:
        files = (path for name in folders for path in (desk.away / f"export-{desk.exports}" / name).iterdir())
        return "\n".join(path.read_text("utf-8-sig") for path in files)

    return look


async def private_messages(desk: Desk, who: str) -> str:
    """Return what the bot wrote to somebody alone."""
    return written([shown(message) for message in desk.private(who)])


async def the_log_channel(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.world.posted(desk.journal)])


async def the_dossier_channel(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.world.posted(desk.affair)])


async def the_operations_channel(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.world.posted(desk.world.operations)])


async def the_digests(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.of_kind("digest")])


async def the_earlier_notices(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.of_kind("notice")[:-1]])


async def the_newest_notice(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.of_kind("notice")[-1:]])


async def their_channel(desk: Desk, _who: str) -> str:
    return written([shown(message) for message in desk.world.posted(desk.other.channel)])


async def the_process_log(desk: Desk, _who: str) -> str:
    return "\n".join(bot.log for bot in desk.world.bots)


COMMANDS = (
    Exit("/tip list", uses("tip list"), ("tip",)),
    Exit("/tip show by number", uses("tip show", tip="1"), (*TIP, "that there is a tip")),
    Exit("/tip show by words", uses("tip show", tip="varnoq"), TIP),
    Exit("/fact list", uses("fact list"), ("claim", "correction", "second claim")),
    Exit("/fact show by number", uses("fact show", fact="1"), FACT),
    Exit("/fact show by words", uses("fact show", fact="quibert"), FACT),
    Exit("/fact show of the second", uses("fact show", fact="2"), (*SECOND, "that there is a second fact")),
    Exit("/fact export", uses("fact export"), (*FACT, *SECOND)),
    Exit("/search", uses("search", query="écluse"), ("tip", "claim", "correction", "second claim")),
    Exit("/dossier list", uses("dossier list")),
    Exit("/dossier show", uses("dossier show", dossier=AFFAIR), ("tip",)),
    Exit("/dossier show of the other", uses("dossier show", dossier=PORT), ("claim", "correction", "second claim")),
    Exit("/digest preview", uses("digest preview", digest="1")),
    Exit("/why", asks_why),
    Exit("/audit list", turns_the_audit_log, ("that there is a tip", "that there is a second fact"), certain="E"),
    Exit("private messages", private_messages),
)

OTHERS = (
    Exit("the log channel", the_log_channel, (*FACT, *SECOND), by="C"),
    Exit("the dossier's channel", the_dossier_channel, by="C"),
    Exit("the operations channel", the_operations_channel, by="C"),
    Exit("the digests", the_digests, ("claim", "correction", "reason", "second claim"), by="C"),
    Exit("the earlier notices' cards", the_earlier_notices, ("correction",), by="C"),
    Exit("the newest notice's card", the_newest_notice, ("claim", "correction", "second claim"), by="C"),
    Exit("their channel", their_channel, by="k"),
    Exit("vigie export facts", exported("facts"), (*FACT, *SECOND), by="T"),
    Exit("vigie export tips", exported("tips"), TIP, by="T"),
    Exit("vigie export facts --include-sensitive", exported("facts-with-all"), (*FACT, *SECOND), by="S"),
    Exit("vigie export tips --include-sensitive", exported("tips-with-all"), TIP, by="S"),
    Exit("the process's log", the_process_log, by="l"),
)


_TOLD = {
    "tip": ("tip",),
    "fact": ("claim", "correction", "second claim"),
    "thing": ("tip", "claim", "correction", "second claim"),
    "origin": ("its source",),
}
"""What of tips and facts is proposed."""


def proposals(desk: Desk, turn: int) -> Iterator[Exit]:
    """Yield what Discord proposes in the options that name a tip or a fact, of every command that has one.

    Of commands on which the same people may act it is one by turns; by turns a word is typed that stands in all texts.
    """
    alike: dict[tuple[str, Rule], list[str]] = defaultdict(list)
    for path, name in _named_things(desk):
        alike[name, TABLE[Action(path)]].append(path)
    for (name, _), paths in alike.items():
        path = paths[turn % len(paths)]
        typed = "écluse" if turn % 2 and name != "origin" else ""
        yield Exit(f"/{path}, proposals for {name}", types(path, name, typed), *_proposed(path, name))


def _named_things(desk: Desk) -> Iterator[tuple[str, str]]:
    """Yield the options that propose tips or facts, each with its command."""
    for command in desk.world.platform.commands_in(desk.world.guild):
        options = command.body.get("options") or []
        below = [(f"{command.name} {one['name']}", one) for one in options if one["type"] == SUB_COMMAND]
        for path, leaf in below or [(command.name, command.body)]:
            for option in leaf.get("options") or []:
                if option.get("autocomplete") and option["name"] in NAMES_A_THING:
                    yield path, option["name"]


def _proposed(path: str, option: str) -> tuple[tuple[str, ...], str, str | None]:
    """Return what is proposed to all who may know it, or to an editor at least."""
    is_for_all = path in {"tip show", "fact show", "fact cite", "fact dispute", "fact add", "dossier add"}
    return _TOLD.get(option, ()), MEMBERS, None if is_for_all else "E"
