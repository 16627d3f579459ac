"""What the buttons under an announcement share: the code in their custom_id."""

from __future__ import annotations

from typing import ClassVar

from discord import ui

from bot.markup import plain
from cogs._gate import GatedButton

CODE = r"(?P<code>[0-9A-Z]{4}-[0-9A-Z]{4})"
"""The code of an announcement, as it stands in a custom_id."""

_LABEL_UNITS = 80


class AnnouncementButton(GatedButton, template=r"(?!)"):
    """Be a gated button under an announcement, which its code names; a subclass gives the `name` of its custom_id."""

    name: ClassVar[str]
    reads = (str,)

    def __init__(self, code: str, label: str) -> None:
        super().__init__(ui.Button(label=plain(label, _LABEL_UNITS), custom_id=f"{self.name}:{code}"))
        self.code = code
