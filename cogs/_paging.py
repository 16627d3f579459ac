"""Which page of a list is shown, of how many, and the buttons that turn it."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self

import discord
from discord import ui

from bot.locales import Texts
from cogs._caller import Visit, app_of, visit
from cogs._gate import GatedButton
from cogs._replies import replace

if TYPE_CHECKING:
    from bot.app import App


class Turn(Protocol):
    """Make the button that leads to a page."""

    def __call__(self, page: int, label: str, *, disabled: bool) -> ui.Item[Any]:
        """Return it."""
        ...


@dataclass(frozen=True, slots=True)
class Paging:
    """Hold the page that is shown and the last one, both from 0."""

    page: int
    last: int

    @classmethod
    def of(cls, page: int, number: int, a_page: int) -> Self:
        """Return the page that was asked for of so many things, the last one where there are fewer."""
        last = max(number - 1, 0) // a_page
        return cls(min(page, last), last)

    def footer(self, texts: Texts) -> str | None:
        """Return which page it is, nothing where there is only one."""
        return texts("watch-list-page", page=self.page + 1, pages=self.last + 1) if self.last else None

    def buttons(self, texts: Texts, turn: Turn) -> Iterator[ui.Item[Any]]:
        """Yield the buttons to the pages before and after, none where there is only one page."""
        if self.last:
            yield turn(max(self.page - 1, 0), texts("button-previous"), disabled=self.page == 0)
            yield turn(self.page + 1, texts("button-next"), disabled=self.page == self.last)

    def view(self, texts: Texts, turn: Turn) -> ui.View | None:
        """Return the buttons alone, None where there are none."""
        if not self.last:
            return None
        view = ui.View(timeout=None)
        for button in self.buttons(texts, turn):
            view.add_item(button)
        return view


class PageOfAll(GatedButton, template=r"(?!)"):
    """Turn to a page of a list that asks for nothing; a subclass names the list by its `prefix` and shows its page."""

    prefix: ClassVar[str]
    reads = (int,)

    def __init__(self, page: int, label: str, *, disabled: bool = False) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"{self.prefix}:{page}", disabled=disabled))
        self.page = page

    async def act(self, interaction: discord.Interaction) -> None:
        """Show that page in place of the other."""
        embed, view = await self.shown(app_of(interaction), await visit(interaction))
        await replace(interaction, embed=embed, view=view)

    @abstractmethod
    async def shown(self, app: App, visitor: Visit) -> tuple[discord.Embed, ui.View | None]:
        """Return the page with its buttons."""
