"""The gate that commands, buttons and selects pass when they are used; forms are judged as they are received."""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Callable, Sequence
from typing import ClassVar, Generic, Self, TypeVar

import discord
from discord import ui

from bot.access import Action
from cogs._caller import admit
from cogs._errors import answer_error

Reads = Sequence[Callable[[str], object]]
"""What each group of a custom_id is read by."""
Component = TypeVar("Component", bound="ui.Button[ui.View] | ui.Select[ui.View]")


async def passes(interaction: discord.Interaction, action: Action | None) -> bool:
    """Return whether the table of access lets the person act; tell them why not."""
    try:
        await admit(interaction, action)
    except Exception as error:  # noqa: BLE001  # the command edge
        await answer_error(interaction, error)
        return False
    return True


class Gated(ui.DynamicItem[Component], Generic[Component], template=r"(?!)"):
    """Be a component that works after a restart, for those whom the table of access lets do `action`.

    Its whole state is in its custom_id. A subclass sets `action`, gives its `template`, and says in `act` what happens.
    `reads` turns the groups of the template, in their order, into what its constructor takes; where several groups are
    read together, or one may be missing, the subclass gives `arguments` instead.
    """

    action: ClassVar[Action]
    reads: ClassVar[Reads] = ()

    @classmethod
    def arguments(cls, match: re.Match[str]) -> tuple[object, ...]:
        """Return what a custom_id says, as the constructor takes it."""
        return tuple(read(text) for read, text in zip(cls.reads, match.groups(), strict=True))

    async def interaction_check(self, interaction: discord.Interaction, /) -> bool:
        """Return whether the person may use it; tell them why not."""
        return await passes(interaction, self.action)

    async def callback(self, interaction: discord.Interaction) -> None:
        """Do what it is for, and answer whatever comes of it."""
        try:
            await self.act(interaction)
        except Exception as error:  # noqa: BLE001  # the command edge
            await answer_error(interaction, error)

    @abstractmethod
    async def act(self, interaction: discord.Interaction) -> None:
        """Do what the component is for."""


class GatedButton(Gated[ui.Button[ui.View]], template=r"(?!)"):
    """Be a gated button; its constructor takes its label last."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        """Return the button that was pressed, labelled as it is."""
        make: Callable[..., Self] = cls
        return make(*cls.arguments(match), getattr(item, "label", None) or "…")


class GatedSelect(Gated[ui.Select[ui.View]], template=r"(?!)"):
    """Be a gated select; its constructor takes the select first."""

    @classmethod
    async def from_custom_id(
        cls, _interaction: discord.Interaction, item: ui.Item[ui.View], match: re.Match[str], /
    ) -> Self:
        """Return the select that was used."""
        if not isinstance(item, ui.Select):
            raise TypeError(f"{cls.__name__} is a select")
        make: Callable[..., Self] = cls
        return make(item, *cls.arguments(match))
