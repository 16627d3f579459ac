"""A platform, a small real discord.py bot to drive it with, and a client that speaks bare HTTP."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import aiohttp
import discord
import pytest
from discord import app_commands
from discord.ext import commands

from bot.loopback import Platform
from bot.loopback.launcher import redirected

Setup = Callable[[commands.Bot], None]
RunBot = Callable[..., AbstractAsyncContextManager[commands.Bot]]


@pytest.fixture
async def platform() -> AsyncIterator[Platform]:
    async with Platform(answer_deadline_s=1.0) as made:
        yield made


def make_bot(setup: Setup, **options: Any) -> commands.Bot:
    class SmallBot(commands.Bot):
        async def setup_hook(self) -> None:
            setup(self)
            await self.tree.sync()

    options.setdefault("intents", discord.Intents(guilds=True))
    return SmallBot(
        commands.when_mentioned,
        help_command=None,
        allowed_mentions=discord.AllowedMentions.none(),
        max_ratelimit_timeout=30.0,
        **options,
    )


@pytest.fixture
def run_bot(platform: Platform) -> RunBot:
    def plain(_: commands.Bot) -> None: ...

    @asynccontextmanager
    async def run(setup: Setup = plain, **options: Any) -> AsyncIterator[commands.Bot]:
        with redirected(platform):
            bot = make_bot(setup, **options)
            running = asyncio.create_task(bot.start(platform.token))
            try:
                ready = asyncio.create_task(platform.wait_ready())
                done, _ = await asyncio.wait({running, ready}, return_when=asyncio.FIRST_COMPLETED)
                if running in done:
                    ready.cancel()
                    await running
                await ready
                yield bot
            finally:
                await bot.close()
                await asyncio.gather(running, return_exceptions=True)

    return run


class Bare:
    """Speak HTTP to a platform as a bot would, without a library in between."""

    def __init__(self, platform: Platform, session: aiohttp.ClientSession) -> None:
        self.platform = platform
        self.session = session
        self.headers: dict[str, str] = {}

    async def ask(self, method: str, path: str, body: Any = None, *, token: str | None = None) -> tuple[int, Any]:
        headers = {"Authorization": f"Bot {token or self.platform.token}"}
        async with self.session.request(method, self.platform.api + path, json=body, headers=headers) as response:
            self.headers = dict(response.headers)
            return response.status, await response.json() if response.status != 204 else None

    async def put_commands(self, *bodies: dict[str, Any]) -> tuple[int, Any]:
        return await self.ask("PUT", f"/applications/{self.platform.application_id}/commands", list(bodies))

    async def answer(self, interaction: Any, body: Any) -> tuple[int, Any]:
        path = f"/interactions/{interaction.id}/{interaction.token}/callback?with_response=1"
        return await self.ask("POST", path, body)

    def webhook(self, interaction: Any, rest: str = "") -> str:
        return f"/webhooks/{self.platform.application_id}/{interaction.token}{rest}"


@pytest.fixture
async def bare(platform: Platform) -> AsyncIterator[Bare]:
    async with aiohttp.ClientSession() as session:
        yield Bare(platform, session)


class Confirm(discord.ui.DynamicItem[discord.ui.Button[discord.ui.View]], template=r"confirm:(?P<id>\d+)"):
    def __init__(self, number: int) -> None:
        super().__init__(discord.ui.Button(label=f"Confirm {number}", custom_id=f"confirm:{number}"))
        self.number = number

    @classmethod
    async def from_custom_id(cls, _interaction: Any, _item: Any, match: Any, /) -> Confirm:
        return cls(int(match["id"]))

    async def callback(self, interaction: discord.Interaction[Any]) -> None:
        await interaction.response.edit_message(content=f"confirmed {self.number}", view=None)


class TipForm(discord.ui.Modal, title="Tuyau"):
    text = discord.ui.TextInput["TipForm"](label="Texte", custom_id="text", max_length=200)
    origin = discord.ui.Label["TipForm"](
        text="Origine",
        component=discord.ui.Select["TipForm"](
            custom_id="origin",
            options=[discord.SelectOption(label="Téléphone", value="phone"), discord.SelectOption(label="Lettre")],
        ),
    )
    file = discord.ui.Label["TipForm"](
        text="Pièce", component=discord.ui.FileUpload["TipForm"](custom_id="file", required=False)
    )

    async def on_submit(self, interaction: discord.Interaction[Any]) -> None:
        origin, upload = self.origin.component, self.file.component
        assert isinstance(origin, discord.ui.Select)
        assert isinstance(upload, discord.ui.FileUpload)
        read = [(await item.read()).decode() for item in upload.values]
        await interaction.response.send_message(f"{self.text.value}|{origin.values}|{read}", ephemeral=True)


class Watch(app_commands.Group):
    def __init__(self) -> None:
        super().__init__(name="watch", description="The watchlist")

    @app_commands.command(description="Add an item")
    @app_commands.describe(name="Its name")
    @app_commands.choices(kind=[app_commands.Choice(name=kind, value=kind) for kind in ("company", "official")])
    async def add(
        self,
        interaction: discord.Interaction[Any],
        kind: app_commands.Choice[str],
        name: app_commands.Range[str, 2, 20],
        channel: discord.TextChannel | None = None,
        file: discord.Attachment | None = None,
        count: app_commands.Range[int, 1, 9] = 1,
        member: discord.Member | None = None,
    ) -> None:
        data = (await file.read()).decode() if file else ""
        seen = [kind.value, name, channel and channel.name, data, count, member and member.name]
        await interaction.response.send_message(str(seen), ephemeral=True)

    @app_commands.command(description="Show an item")
    async def show(self, interaction: discord.Interaction[Any], item: str) -> None:
        await interaction.response.send_message(f"{item} {interaction.locale}", view=View())

    @show.autocomplete("item")
    async def propose(self, _: discord.Interaction[Any], typed: str) -> list[app_commands.Choice[str]]:
        return [app_commands.Choice(name=f"{typed}{number}", value=str(number)) for number in range(25)]

    @app_commands.command(description="Take long")
    async def test(self, interaction: discord.Interaction[Any], seconds: float = 0.0, ephemeral: bool = True) -> None:  # noqa: FBT001, FBT002  # an option
        await interaction.response.defer(ephemeral=ephemeral, thinking=True)
        await asyncio.sleep(seconds)
        file = discord.File(__file__, filename="hits.csv")
        await interaction.edit_original_response(content="done", attachments=[file])


class View(discord.ui.View):
    def __init__(self) -> None:
        super().__init__(timeout=None)
        self.add_item(Confirm(7))

    @discord.ui.select(custom_id="pick", options=[discord.SelectOption(label=name) for name in ("one", "two")])
    async def pick(self, interaction: discord.Interaction[Any], select: discord.ui.Select[View]) -> None:
        await interaction.response.defer()
        await interaction.followup.send(f"picked {select.values}", ephemeral=True)


def watchlist(bot: commands.Bot) -> None:
    """Give a bot one of everything: group, autocomplete, form, buttons, select, menu."""
    bot.tree.add_command(Watch())
    bot.add_dynamic_items(Confirm)

    @bot.tree.command(name="tip", description="Open the form")
    async def tip(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_modal(TipForm())

    @bot.tree.context_menu(name="En faire un tuyau")
    async def menu(interaction: discord.Interaction[Any], message: discord.Message) -> None:
        await interaction.response.send_message(f"tip: {message.content}", ephemeral=True)

    @bot.tree.command(name="setup", description="Settings")
    @app_commands.default_permissions(manage_guild=True)
    @app_commands.guild_only()
    async def setup(interaction: discord.Interaction[Any]) -> None:
        await interaction.response.send_message(f"{interaction.app_permissions.value}", ephemeral=True)


@pytest.fixture
def watchlist_bot() -> Setup:
    return watchlist
