"""How each button and select of the table of permissions is used: its custom_id, about which thing, in whose hands."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

from bot.loopback import Member, Reply
from bot.loopback.channels import Channel
from bot.loopback.interactions import MODAL_SUBMIT
from bot.models import ItemKind
from bot.watchlist.entry import Typed
from tests.cogs.permissions import World

Names = Callable[[World, Member, str], Awaitable[str]]


@dataclass(frozen=True, slots=True)
class Used:
    """Hold how a button or select is used: its custom_id about a thing of a `kind`, where `{}` is the thing's number.

    `draft` makes what stands in place of that number where the button is about a form of the person. `chosen` is what
    a select is used with, `action` the line of the table where its class does not say it. `is_public` tells whether it
    stands under a card, which everybody sees. `shows` is as in `permission_commands.Typed`.
    """

    kind: str
    custom_id: str
    shows: str = ""
    action: str = ""
    state: str = "open"
    chosen: Callable[[World, str], str] | None = None
    draft: Names | None = None
    above: bool = False
    is_public: bool = False

    async def ask(self, world: World, by: Member, channel: Channel, number: str) -> Reply:
        """Use it."""
        named = await self.draft(world, by, number) if self.draft is not None else number
        custom_id = self.custom_id.format(named)
        word = world.standing["tip", "open"][1] if self.above else None
        to = None if self.is_public else by
        if self.chosen is None:
            message = world.show(
                channel, {"type": 2, "style": 1, "label": "…", "custom_id": custom_id}, to=to, above=word
            )
            return await by.click(message, custom_id=custom_id)
        value = self.chosen(world, number)
        options = [{"label": value, "value": value}]
        message = world.show(channel, {"type": 3, "custom_id": custom_id, "options": options}, to=to)
        return await by.select(message, custom_id, [value])


def _number(_: World, number: str) -> str:
    return number


def _item(world: World, _: str) -> str:
    return world.standing["item", "open"][0]


def _form(name: str, context: Callable[[str], Mapping[str, Any]], **values: str) -> Names:
    async def made(world: World, by: Member, number: str) -> str:
        return str(await world.draft(by, name, context(number), **values))

    return made


def _doubted(_: str) -> Mapping[str, Any]:
    typed = Typed(kind=ItemKind.COMPANY, name="Varnoquel", identifiers="732829321")
    return {"typed": asdict(typed), "dossiers": []}


def _until(days: int) -> str:
    return str(1_900_000_000 + days)


BUTTONS: Final[dict[str, Sequence[Used]]] = {
    "LogFact": [Used("notice", "log-fact:{}", is_public=True)],
    "MuteButton": [Used("notice", "mute:{}", is_public=True)],
    "MuteWhich": [Used("item", "mute-which", chosen=_number)],
    "MuteFor": [Used("item", "mute-for:{}:day:0")],
    "MuteUntil": [Used("item", f"mute-until:{{}}:{_until(0)}:0")],
    "MuteUndo": [Used("item", f"mute-undo:{{}}:0:{_until(1)}")],
    "Unmute": [Used("muted", "unmute:{}:0")],
    "NotThisButton": [Used("notice", "not-this:{}", is_public=True)],
    "NotThisWhich": [Used("hit", "not-this-which", chosen=_number)],
    "NotThisHit": [Used("hit", "not-this-hit", chosen=_number)],
    "NotThisMeant": [Used("hit", "not-this-meant:{}:series")],
    "NotThisUndo": [Used("dismissal", "not-this-undo:{}")],
    "NotThisUndoWhich": [Used("dismissal", "not-this-undo-which", chosen=_number)],
    "TakeButton": [Used("notice", "take:{}", is_public=True)],
    "TakeWhich": [Used("notice", "take-which:{}", chosen=lambda *_: "all")],
    "GiveBackButton": [Used("taken", "give-back:{}", is_public=True)],
    "GiveBackWhich": [Used("taken", "give-back-which:{}", chosen=lambda *_: "all")],
    "GiveBack": [Used("take", "give-take-back:{}")],
    "FollowButton": [Used("", "follow:999999", shows="On ne suit que")],
    "FollowWhich": [Used("", "follow-which", chosen=lambda *_: "999999", shows="On ne suit que")],
    "UnfollowButton": [Used("follow", "unfollow:{}")],
    "PageButton": [Used("", "watch-list:all:0", shows="élément")],
    "HitsPage": [Used("found", "watch-hits:{}:0:0:0")],
    "HitsFile": [Used("found", "watch-hits-csv:{}:0:0")],
    "DismissalsPage": [Used("item", "watch-dismissed:{}:first")],
    "OpenItem": [Used("item", "item-open:{}")],
    "AddAlias": [Used("item", "item-alias:{}", chosen=lambda *_: "Varnoquel Conseil")],
    "AddNumber": [Used("item", "item-number:{}", chosen=lambda *_: "732829320")],
    "AddRegistered": [Used("item", "item-registered:{}", chosen=lambda *_: "732829320")],
    "NumbersButton": [Used("", "numbers:keep:{}", draft=_form("watch-numbers", _doubted), shows="déjà surveillé")],
    "TipPage": [Used("", "tips:-:-:-:-:-:0", shows="tuyau")],
    "TipEdit": [Used("tip", "tip-edit:{}")],
    "TipErase": [Used("tip", "tip-erase:{}")],
    "DateRight": [Used("", "date-right", shows="…")],
    "EmbargoUntil": [
        Used("tip", f"embargo:tip:{{}}:{_until(2)}:0", action="tip embargo"),
        Used("fact", f"embargo:fact:{{}}:{_until(2)}:0", action="fact embargo"),
    ],
    "FactPage": [Used("", "facts:-:-:-:-:-:0", shows="fait")],
    "FactItems": [Used("fact", "fact-items:{}", chosen=_item)],
    "FactCorrect": [Used("fact", "fact-correct:{}")],
    "FactVerify": [
        Used(
            "fact",
            "fact-verify:{}",
            draft=_form("fact-verify", lambda number: {"fact": int(number), "seen": 1}, reason="vu"),
            shows="déjà vérifié",
        )
    ],
    "Reopen": [
        Used("", "reopen:{}", draft=_form("tip", lambda _: {}), action="tip add"),
        Used(
            "tip",
            "reopen:{}",
            draft=_form("tip-edit", lambda number: {"tip": int(number), "seen": 1}),
            action="tip show",
        ),
        Used(
            "fact",
            "reopen:{}",
            draft=_form("fact-correct", lambda number: {"fact": int(number), "seen": 1}),
            action="fact show",
        ),
    ],
    "ResultsPage": [Used("", "search:tips:::0", shows="tuyau", above=True)],
    "DossierPage": [Used("", "dossiers:0", shows="dossier")],
    "DigestPage": [Used("", "digests:0", shows="résumé")],
    "EntryPage": [Used("", "audit:-:0", shows="Journal")],
    "MoreSettings": [Used("", "setup:more")],
    "Announcing": [Used("", "setup:announcing")],
}
"""By the class of the component; those of reminders, which need a reminder, are tried beside."""

REMINDERS: Final = {
    "KeepButton": Used("reminder", "keep::{}", shows="Lesquels"),
    "KeepWhich": Used("tip", "keep-which:", chosen=_number),
    "EraseButton": Used("reminder", "erase::{}", shows="Lequel"),
    "EraseWhich": Used("tip", "erase-which:", chosen=_number, shows="ffacer"),
    "EraseInPrivate": Used("tip", "tip-erase::{}"),
}
"""The same, under a reminder, whose newsroom stands before the number of the tip or the code of the reminder."""


@dataclass(frozen=True, slots=True)
class Sent:
    """Hold how a form is sent: what it is about, what is typed into it, and the line of the table that judges it.

    `judged` is the action by which it is refused before anything of it is known, where that is another one.
    """

    kind: str
    name: str
    action: str
    context: Callable[[str], Mapping[str, Any]]
    values: Mapping[str, str]
    judged: str = ""

    async def ask(self, world: World, by: Member, channel: Channel, number: str) -> Reply:
        """Send the person's own form about the thing of that number."""
        return await self.send(by, channel, await world.draft(by, self.name, self.context(number)))

    async def send(self, by: Member, channel: Channel, draft: int) -> Reply:
        """Send the form that a draft keeps, whoever it is of: the client only carries its id."""
        fields = [
            {"type": 3, "custom_id": key, "values": [value]}
            if key in CHOSEN
            else {"type": 4, "custom_id": key, "value": value}
            for key, value in self.values.items()
        ]
        components = [{"type": 18, "component": field} for field in fields]
        data = {"custom_id": f"form:{self.name}:{draft}", "components": components}
        return await by._act(MODAL_SUBMIT, channel, data, by.locale, 10.0)


CHOSEN: Final = frozenset({"sensitive", "quiet_days", "second_source"})
_TIP: Final = {"text": "Le port rouvre", "origin": "", "heard": "", "sensitive": "no"}
_FACT: Final = {"claim": "Le port rouvre", "source": "le registre du port", "quote": "", "date": ""}


def _nothing(_: str) -> Mapping[str, Any]:
    return {}


FORMS: Final[dict[str, Sequence[Sent]]] = {
    "tip": [Sent("", "tip", "tip add", _nothing, {**_TIP, "items": ""})],
    "tip-edit": [
        Sent("tip", "tip-edit", "tip edit", lambda number: {"tip": int(number), "seen": 1}, {**_TIP, "reason": ""})
    ],
    "fact": [
        Sent("", "fact", "fact add", _nothing, {**_FACT, "items": ""}),
        Sent(
            "tip",
            "fact",
            "tip promote",
            lambda number: {"tip": int(number), "is_sensitive": True},
            {**_FACT, "items": ""},
            judged="fact add",
        ),
    ],
    "fact-correct": [
        Sent(
            "fact",
            "fact-correct",
            "fact correct",
            lambda number: {"fact": int(number), "seen": 1},
            {**_FACT, "reason": "une faute"},
        )
    ],
    "settings": [
        Sent(
            "",
            "settings",
            "setup",
            _nothing,
            {"quiet_days": "silent", "storm": "20", "second_source": "yes", "retention_days": "90"},
        )
    ],
    "announcing": [
        Sent(
            "",
            "announcing",
            "setup",
            _nothing,
            {"threads": "yes", "quiet_hours": "22:00-07:00", "deadline_days": "3", "award_days": "90"},
        )
    ],
}
"""By the name of the form."""
