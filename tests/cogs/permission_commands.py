"""How each command of the table of permissions is typed, about which thing, and what shows that it was done."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from tests.cogs.permissions import World

Options = Callable[[World, str], Mapping[str, Any]]

CSV: Final = "kind,name\nkeyword,{word}\n"


@dataclass(frozen=True, slots=True)
class Typed:
    """Hold how a command is typed: about a thing of a `kind` in a `state`, named by an option or not at all.

    `shows` stands in the reply of one that changes nothing; where it is empty a word of the thing does. One that
    `repeats` says again what was typed.
    """

    kind: str = ""
    names: str = ""
    options: Options | None = None
    state: str = "open"
    shows: str = ""
    repeats: bool = False

    def filled(self, world: World, number: str) -> dict[str, Any]:
        """Return its options, about the thing of that number."""
        given = dict(self.options(world, number)) if self.options is not None else {}
        return {**given, self.names: number} if self.names else given

    async def ask(self, world: World, action: str, by: Member, channel: Channel, number: str) -> Reply:
        """Type it, hidden or not: who is shown no command may still send it."""
        return await by.slash(action, channel, force=True, **self.filled(world, number))


def _tip(options: Options | None = None, shows: str = "") -> Typed:
    return Typed("tip", "tip", options, shows=shows)


def _fact(options: Options | None = None, shows: str = "") -> Typed:
    return Typed("fact", "fact", options, shows=shows)


def _item(options: Options | None = None, state: str = "open", shows: str = "") -> Typed:
    return Typed("item", "item", options, state, shows)


def _word(world: World) -> str:
    world.made += 1
    return f"Ambre{world.made}"


def _until(world: World, _: str) -> Mapping[str, Any]:
    world.made += 1
    return {"until": f"{world.later(200 + world.made):%Y-%m-%d}"}


def _reassigned(world: World, _: str) -> Mapping[str, Any]:
    holder, taker = world.people["owner"], world.people["reporter"]
    return {"from": str(holder.id), "to": taker}


COMMANDS: Final[dict[str, Typed]] = {
    "help": Typed(shows="/"),
    "setup": Typed(shows="Réglages"),
    "watch add": Typed(options=lambda world, _: {"kind": "keyword", "name": _word(world)}),
    "watch list": Typed("item"),
    "watch show": _item(),
    "watch test": _item(),
    "watch edit": _item(lambda world, _: {"note": _word(world)}),
    "watch remove": _item(),
    "watch restore": _item(state="removed"),
    "watch mute": _item(_until),
    "watch unmute": _item(state="muted"),
    "watch hits": _item(),
    "watch import": Typed(
        options=lambda world, _: {
            "file": world.people["editor"].upload("l.csv", CSV.format(word=_word(world)).encode())
        }
    ),
    "watch export": Typed("item"),
    "tip add": Typed(options=lambda world, _: {"text": _word(world)}),
    "tip list": Typed("tip"),
    "tip show": _tip(),
    "tip note": _tip(lambda *_: {"text": "vu"}),
    "tip edit": _tip(),
    "tip assign": _tip(lambda world, _: {"member": world.people["reporter"]}),
    "tip status": _tip(lambda *_: {"status": "checking"}),
    "tip promote": _tip(),
    "tip embargo": _tip(_until),
    "tip reassign": Typed("tip", options=_reassigned),
    "tip erase": _tip(shows="Effacer"),
    "fact add": Typed(options=lambda world, _: {"claim": _word(world), "source": "le registre"}),
    "fact list": Typed("fact"),
    "fact show": _fact(),
    "fact cite": _fact(lambda world, _: {"source": f"le registre {_word(world)}"}),
    "fact correct": _fact(lambda world, _: {"claim": _word(world), "reason": "une faute"}),
    "fact verify": _fact(lambda *_: {"reason": "vu sur pièces"}, shows="déjà vérifié"),
    "fact dispute": _fact(lambda *_: {"reason": "un doute"}),
    "fact retract": _fact(lambda *_: {"reason": "une erreur"}),
    "fact embargo": _fact(_until),
    "fact export": Typed("fact"),
    "dossier create": Typed(options=lambda world, _: {"name": _word(world)}),
    "dossier add": Typed("dossier", "dossier", lambda world, _: {"thing": f"item:{world.standing['item', 'open'][0]}"}),
    "dossier list": Typed("dossier"),
    "dossier show": Typed("dossier", "dossier"),
    "dossier close": Typed("dossier", "dossier"),
    "dossier reopen": Typed("dossier", "dossier", state="closed"),
    "digest schedule": Typed(
        options=lambda world, _: {"channel": world.room.guild.add_channel(_word(world)), "every": "daily", "at": "9:00"}
    ),
    "digest list": Typed("digest", shows="1 résumé"),
    "digest preview": Typed("digest", "digest", shows="Résumé"),
    "digest now": Typed("digest", "digest"),
    "digest remove": Typed("digest", "digest"),
    "search": Typed(
        "tip", options=lambda world, _: {"query": world.standing["tip", "open"][1]}, shows="1 tuyau", repeats=True
    ),
    "why": Typed("notice", "notice"),
    "audit list": Typed("tip", shows="Journal"),
    "audit verify": Typed("tip", shows="intact"),
    "source list": Typed(shows="BOAMP"),
    "source show": Typed(options=lambda *_: {"source": "boamp"}, shows="BOAMP"),
    "source check": Typed(options=lambda *_: {"source": "boamp"}, shows="boamp"),
    "source backfill": Typed(options=lambda *_: {"source": "boamp", "since": "2026-01-01"}, shows="boamp"),
    "source pause": Typed(options=lambda *_: {"source": "boamp"}, shows="BOAMP"),
    "source resume": Typed(options=lambda *_: {"source": "boamp"}, shows="BOAMP"),
}
