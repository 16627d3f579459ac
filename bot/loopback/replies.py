"""What a person sees after an act: the reply, live, and the proposals of an autocomplete."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from bot.loopback import limits
from bot.loopback.interactions import DEFER, DEFER_UPDATE, Interaction

if TYPE_CHECKING:
    from collections.abc import Callable

    from bot.loopback.state import Attachment, Json, Message


class NoAnswer(TimeoutError):  # noqa: N818  # what the client shows: the application did not respond
    """The bot did not answer in time, or deferred and never came back."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One proposal of an autocomplete, its name in the person's language."""

    name: str
    value: str | int | float


class Reply:
    """What a person sees after an act; it stays live, so later edits and follow-ups show."""

    def __init__(self, interaction: Interaction) -> None:
        self.interaction = interaction

    def __repr__(self) -> str:
        return f"<Reply kind={self.interaction.answer} {self.text!r}>"

    @property
    def message(self) -> Message | None:
        """Return the message made, or the clicked one when the answer edits it; None for a form."""
        return self.interaction.original

    @property
    def content(self) -> str:
        """Return the text above the embeds."""
        return self.message.content if self.message else ""

    @property
    def embeds(self) -> list[Json]:
        """Return the embeds, as the API's objects."""
        return self.message.embeds if self.message else []

    @property
    def components(self) -> list[Json]:
        """Return the top-level components, as the API's objects."""
        return self.message.components if self.message else []

    @property
    def attachments(self) -> list[Attachment]:
        """Return the attached files, with their `data`."""
        return self.message.attachments if self.message else []

    @property
    def ephemeral(self) -> bool:
        """Tell whether only this person sees it."""
        return bool(self.message and self.message.ephemeral)

    @property
    def deferred(self) -> bool:
        """Tell whether the first answer only promised one."""
        return self.interaction.answer in {DEFER, DEFER_UPDATE}

    @property
    def modal(self) -> Json | None:
        """Return the form that opened: `custom_id`, `title`, `components`; or None."""
        return self.interaction.modal

    @property
    def followups(self) -> list[Message]:
        """Return the further messages, oldest first."""
        return self.interaction.followups

    @property
    def text(self) -> str:
        """Return everything that can be read: content, embeds and text displays, follow-ups included."""
        shown = [self.message] if self.message else []
        return "\n".join(text_of(message) for message in [*shown, *self.followups] if not message.deleted)

    @property
    def buttons(self) -> list[str]:
        """Return the labels of the buttons, link buttons included."""
        found = (component for _, component in limits.walk(self.components))
        return [str(item.get("label")) for item in found if item["type"] == limits.BUTTON]

    @property
    def settled(self) -> bool:
        """Tell whether what a defer promised has come."""
        interaction = self.interaction
        if interaction.answer == DEFER:
            return bool(interaction.original and (not interaction.original.loading or interaction.original.deleted))
        if interaction.answer == DEFER_UPDATE:
            return bool(interaction.followups or (self.message and self.message.edited_at))
        return interaction.answer is not None

    async def wait_for(self, condition: Callable[[Reply], bool], timeout_s: float = 10.0) -> Reply:
        """Return once a condition holds, looked at whenever the bot adds or edits; NoAnswer otherwise."""
        try:
            await self.interaction.pulse.until(lambda: condition(self), timeout_s, "a change of the reply")
        except TimeoutError as error:
            raise NoAnswer(str(error)) from None
        return self


def text_of(message: Message) -> str:
    """Return everything that can be read in a message, one piece a line."""
    pieces: list[str | None] = [message.content]
    for embed in message.embeds:
        pieces += [(embed.get("author") or {}).get("name"), embed.get("title"), embed.get("description")]
        for field in embed.get("fields") or []:
            pieces += [field["name"], field["value"]]
        pieces.append((embed.get("footer") or {}).get("text"))
    for _, component in limits.walk(message.components):
        pieces.append(component.get("content"))
    return "\n".join(piece for piece in pieces if piece)
