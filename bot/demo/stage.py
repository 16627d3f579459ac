"""What the demonstration draws on: numbered steps, sentences and the cards that would go to Discord."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from rich import box
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.text import Text

from bot.cards import Card, Line, Span
from bot.cards.terminal import to_rich
from bot.delivery import Membership, Seen
from bot.locales import Texts
from bot.storage.outbox.announcements import Place

ANNOUNCEMENTS: Final = Place(guild_id=1, channel_id=1)
LOG: Final = Place(guild_id=1, channel_id=2)
MEMBERS: Final = {1: "Nadia", 2: "Édith"}
"""The names of the people of the demonstration, by their ids."""
_DISCORD: Final = "https://discord.com/channels/"


@dataclass(frozen=True, slots=True)
class Shown:
    """Hold a card that was drawn, with the id that it was given as a message."""

    message_id: int
    card: Card


class TerminalSender:
    """Carry cards to the terminal as the bot's Sender carries them to Discord: each is drawn and kept."""

    def __init__(self, console: Console, texts: Texts) -> None:
        self._console = console
        self._texts = texts
        self.shown: list[Shown] = []
        self._drawn: dict[int, Card] = {}

    async def send(
        self,
        place: Place,
        card: Card,
        nonce: str,  # noqa: ARG002  # the port's
        *,
        answers: int | None = None,  # noqa: ARG002  # the port's
        thread: int | None = None,  # noqa: ARG002  # the port's
    ) -> int:
        """Draw a card and return the number that stands for its message."""
        message_id = len(self.shown) + 1
        self._draw(place, message_id, card)
        return message_id

    async def create_post(self, place: Place, name: str, card: Card) -> int:
        """Draw a card: a terminal has no forums."""
        return await self.send(place, card, name)

    async def open_thread(self, place: Place, message_id: int, name: str) -> None:
        """Open nothing: a terminal has no threads."""

    async def edit(self, place: Place, message_id: int, card: Card, *, thread: int | None = None) -> None:  # noqa: ARG002  # the port's
        """Draw the card that takes a message's place."""
        self._draw(place, message_id, card, is_edit=True)

    async def delete(self, place: Place, message_id: int, *, thread: int | None = None) -> None:
        """Leave what was drawn: a terminal takes nothing back."""

    async def open_private(self, person: int) -> int:
        """Return a channel for one person."""
        return person

    async def membership(self, guild_id: int, person: int) -> Membership | None:  # noqa: ARG002  # the port's
        """Return that nobody is there: a terminal has no members."""
        return None

    async def threads(self, place: Place, after: int) -> Sequence[int]:  # noqa: ARG002  # the port's
        """Return nothing: a terminal has no threads."""
        return ()

    async def seen(self, place: Place, after: int, before: int, *, thread: int | None = None) -> Seen:  # noqa: ARG002  # the port's
        """Return nothing: a terminal has no history."""
        return Seen({}, before)

    async def find(self, place: Place, code: str, after: int, *, thread: int | None = None) -> int | None:  # noqa: ARG002  # the port's
        """Return the message that shows a code."""
        return next((one.message_id for one in self.shown if one.message_id > after and code in one.card.footer), None)

    async def find_post(self, place: Place, code: str, after: int) -> int | None:
        """Return the message that shows a code."""
        return await self.find(place, code, after)

    def _draw(self, place: Place, message_id: int, card: Card, *, is_edit: bool = False) -> None:
        self.shown.append(Shown(message_id, card))
        drawn = _of_terminal(card)
        if self._drawn.get(message_id) == drawn:  # only links differ, which a terminal does not show
            return
        self._drawn[message_id] = drawn
        name = self._texts("demo-log-channel") if place == LOG else self._texts("demo-channel")
        title = Text(self._texts("demo-edited", channel=name) if is_edit else f"#{name}", "dim")
        self._console.print(
            Panel(
                to_rich(drawn),
                title=title,
                title_align="left",
                border_style="dim",
                box=box.ROUNDED,
                padding=(0, 1),
            )
        )


def _of_terminal(card: Card) -> Card:
    """Return a card with the names of its members, as Discord shows them, and no link to messages: nothing is there."""
    fields = tuple(replace(one, lines=_named(one.lines)) for one in card.fields)
    return replace(card, body=_named(card.body), fields=fields)


def _named(lines: Sequence[Line]) -> tuple[Line, ...]:
    return tuple(tuple(_shown(span) for span in line) for line in lines)


def _shown(span: Span) -> Span:
    text = f"@{MEMBERS[span.user_id]}" if span.user_id in MEMBERS else span.text
    return replace(span, text=text, url=None if (span.url or "").startswith(_DISCORD) else span.url)


class Stage:
    """Write the steps of the demonstration on a console."""

    def __init__(self, texts: Texts, console: Console) -> None:
        self.texts = texts
        self.console = console
        self._steps = 0

    def head(self, title: str, why: str) -> None:
        """Begin a step: its number, its title and what it shows."""
        self._steps += 1
        self.console.print()
        self.console.print(Text(f"{self._steps}. {title}", "bold cyan"))
        self.say(why)

    def inset(self, text: Text, columns: int = 4) -> None:
        """Write a text that belongs to what stands above it."""
        self.console.print(Padding(text, (0, 0, 0, columns), expand=False))

    def say(self, sentence: str) -> None:
        """Write a sentence."""
        self.console.print(Text(sentence))

    def note(self, line: str) -> None:
        """Write what came of a step."""
        self.console.print(Text(f"→ {line}", "dim"))
