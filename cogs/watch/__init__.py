"""`/watch`: the newsroom's shared watchlist, added to, read, tried, muted, thinned out, brought and taken as a file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from discord import app_commands
from discord.ext import commands

from cogs._company_offer import AddRegistered
from cogs._dismissals import DismissalsPage
from cogs._item_sheet import Unmute
from cogs._mute import MuteButton, MuteFor, MuteUndo, MuteUntil, MuteWhich
from cogs._not_this_one import COMPONENTS as NOT_THIS_ONE
from cogs._number_doubts import NumbersButton
from cogs._pages import PageButton
from cogs._suggestions import COMPONENTS as SUGGESTED
from cogs._texts import said
from cogs.watch.entering import Entering
from cogs.watch.files import Files
from cogs.watch.hits import Hits, HitsFile, HitsPage
from cogs.watch.muting import Muting
from cogs.watch.reading import Reading
from cogs.watch.removing import Removing
from cogs.watch.trying import Trying

if TYPE_CHECKING:
    from bot.app import App
    from bot.client import Client

COMPONENTS = (
    *SUGGESTED,
    AddRegistered,
    NumbersButton,
    MuteButton,
    MuteWhich,
    MuteFor,
    MuteUntil,
    MuteUndo,
    Unmute,
    PageButton,
    HitsPage,
    HitsFile,
    DismissalsPage,
    *NOT_THIS_ONE,
)


@app_commands.guild_only()
class Watch(
    Entering,
    Reading,
    Removing,
    Muting,
    Trying,
    Hits,
    Files,
    commands.GroupCog,
    group_name=said("cmdname-watch"),
    group_description=said("cmd-watch"),
):
    """Hold the commands of `/watch`, gathered from its parts."""

    def __init__(self, app: App) -> None:
        self.app = app


async def setup(bot: Client) -> None:
    """Add the group and the buttons that go with the watchlist."""
    bot.add_dynamic_items(*COMPONENTS)
    await bot.add_cog(Watch(bot.app))
