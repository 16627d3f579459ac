"""A real, unmodified discord.py client on the loopback."""

from __future__ import annotations

import asyncio
from typing import Any

import discord
import pytest
from discord.ext import commands

from bot.loopback import NoAnswer, PersonCannot, Platform


async def test_a_bot_logs_in_syncs_its_commands_and_sees_its_guild(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild("Rédaction")
    channel = guild.add_channel("annonces")
    async with run_bot(watchlist_bot) as bot:
        assert [command.name for command in platform.commands] == ["watch", "tip", "setup", "En faire un tuyau"]
        found = bot.get_channel(channel.id)
        assert isinstance(found, discord.TextChannel)
        assert found.permissions_for(found.guild.me).send_messages
    platform.check()


async def test_a_slash_command_carries_every_kind_of_option(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel, other = guild.add_channel("general"), guild.add_channel("other")
    ana, ben = guild.add_member("Ana"), guild.add_member("Ben")
    async with run_bot(watchlist_bot):
        reply = await ana.slash(
            "watch add",
            channel,
            kind="company",
            name="Axon",
            channel=other,
            file=ana.upload("a.txt", b"bytes"),
            count=3,
            member=ben,
        )
    assert reply.content == "['company', 'Axon', 'other', 'bytes', 3, 'Ben']"
    assert reply.ephemeral
    assert channel.messages == []


async def test_autocomplete_proposes_what_the_bot_answers(platform: Platform, run_bot: Any, watchlist_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        choices = await ana.autocomplete("watch show", option="item", typed="ax", channel=channel)
    assert (len(choices), choices[3].name, choices[3].value) == (25, "ax3", "3")


async def test_more_choices_than_25_are_refused_and_nothing_is_proposed(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    platform.answer_deadline_s = 0.2

    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def show(interaction: discord.Interaction[Any], item: str) -> None: ...

        @show.autocomplete("item")
        async def propose(_: discord.Interaction[Any], typed: str) -> list[discord.app_commands.Choice[str]]:
            return [discord.app_commands.Choice(name=f"{typed}{number}", value="v") for number in range(26)]

    async with run_bot(setup):
        with pytest.raises(NoAnswer):
            await ana.autocomplete("show", option="item", typed="x", channel=channel)
    assert "data.choices: Must be 25 or fewer" in platform.refusals[0]


async def test_a_form_is_filled_and_submitted_with_a_file(platform: Platform, run_bot: Any, watchlist_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        form = await ana.slash("tip", channel)
        assert form.modal is not None
        assert form.modal["title"] == "Tuyau"
        values = {"text": "entendu", "origin": ["Téléphone"], "file": ana.upload("a.txt", b"bytes")}
        reply = await ana.submit(form, values)
    assert reply.content == "entendu|['phone']|['bytes']"


async def test_a_button_edits_its_message_even_after_a_restart(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        shown = await ana.slash("watch show", channel, item="x")
        assert shown.buttons == ["Confirm 7"]
    async with run_bot(watchlist_bot):
        await platform.gateway.wait_identified(2)
        reply = await ana.click(shown, label="Confirm 7")
    assert reply.message is channel.messages[0]
    assert (reply.content, reply.components) == ("confirmed 7", [])


async def test_a_select_is_acknowledged_and_followed_by_a_message(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        shown = await ana.slash("watch show", channel, item="x")
        reply = await ana.select(shown, "pick", ["two"])
    assert (reply.deferred, reply.followups[0].content, reply.followups[0].ephemeral) == (True, "picked ['two']", True)


async def test_a_message_menu_gets_the_text_without_the_content_intent(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    message = ana.post(channel, "le maire a signé")
    async with run_bot(watchlist_bot) as bot:
        reply = await ana.context_menu("En faire un tuyau", message)
        assert reply.content == "tip: le maire a signé"
        read = [item.content async for item in bot.get_channel(channel.id).history()]
    assert read == [""]


@pytest.mark.parametrize("ephemeral", [True, False])
async def test_a_deferred_reply_is_followed_until_it_is_filled(
    platform: Platform,
    run_bot: Any,
    watchlist_bot: Any,
    ephemeral: bool,  # noqa: FBT001  # a parameter of the test
) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        reply = await ana.slash("watch test", channel, ephemeral=ephemeral)
    assert (reply.deferred, reply.content, reply.ephemeral) == (True, "done", ephemeral)
    assert reply.attachments[0].filename == "hits.csv"
    assert reply.attachments[0].data.startswith(b'"""A platform')
    assert [line["content"] for line in platform.created] == ([] if ephemeral else ["done"])


async def test_a_first_answer_after_the_deadline_is_refused_and_noted(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    platform.answer_deadline_s = 0.1
    seen = []

    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def slow(interaction: discord.Interaction[Any]) -> None:
            await asyncio.sleep(0.2)
            try:
                await interaction.response.send_message("late")
            except discord.NotFound as error:
                seen.append(error.code)

    async with run_bot(setup):
        with pytest.raises(NoAnswer):
            await ana.slash("slow", channel)
    assert seen == [10062]
    assert platform.late_answers[0].startswith("slow: first answer after 0.2")


async def test_components_v2_make_a_message(platform: Platform, run_bot: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    view = discord.ui.LayoutView()
    section = discord.ui.Section[Any]("one", accessory=discord.ui.Button(label="b", custom_id="b"))
    view.add_item(discord.ui.Container[Any](discord.ui.TextDisplay("hello"), section))
    async with run_bot() as bot:
        sent = await bot.get_channel(channel.id).send(view=view)
        await sent.edit(view=view)
    assert channel.last().components[0]["components"][0]["content"] == "hello"
    platform.check()


async def test_a_forum_post_and_a_thread_of_a_message_are_made(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    forum, channel = guild.add_channel("dossiers", kind=15), guild.add_channel("general")
    async with run_bot() as bot:
        made = await bot.get_channel(forum.id).create_thread(name="Caméras", content="first")
        await made.thread.send("second")
        message = await bot.get_channel(channel.id).send("x")
        await message.create_thread(name="suite")
        await made.thread.edit(archived=True)
    assert [item.content for item in forum.threads[0].messages] == ["first", "second"]
    assert forum.threads[0].archived
    assert channel.threads[0].id == channel.last().id
    platform.check()


async def test_a_message_that_could_ping_is_a_violation(platform: Platform, run_bot: Any) -> None:
    channel = platform.add_guild().add_channel("general")
    async with run_bot() as bot:
        everyone = discord.AllowedMentions(everyone=True, users=False, roles=False)
        await bot.get_channel(channel.id).send("@everyone", allowed_mentions=everyone)
    assert platform.violations == [f"POST /channels/{channel.id}/messages: allowed_mentions.parse is ['everyone']"]
    with pytest.raises(AssertionError, match="violations"):
        platform.check()


async def test_people_cannot_do_what_the_real_client_refuses(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel = guild.add_channel("general")
    hidden = guild.add_channel("desk", private=True)
    ana, chief = guild.add_member("Ana"), guild.add_member("Chief", manage_guild=True)
    good: dict[str, Any] = {"kind": "company", "name": "Axon"}
    refused: list[tuple[str, dict[str, Any]]] = [
        ("nothing", {}),
        ("watch", {}),
        ("watch burn", {}),
        ("watch add", {"kind": "company"}),
        ("watch add", good | {"kind": "ship"}),
        ("watch add", good | {"name": "A"}),
        ("watch add", good | {"name": 3}),
        ("watch add", good | {"count": 10}),
        ("watch add", good | {"count": "3"}),
        ("watch add", good | {"channel": "general"}),
        ("watch add", good | {"colour": "red"}),
        ("setup", {}),
    ]
    async with run_bot(watchlist_bot):
        for path, options in refused:
            with pytest.raises(PersonCannot):
                await ana.slash(path, channel, **options)
        with pytest.raises(PersonCannot, match="may not use commands"):
            await ana.slash("watch add", hidden, **good)
        with pytest.raises(PersonCannot, match="hidden"):
            await chief.slash("setup", chief.dm)
        assert (await chief.slash("setup", channel)).content == str(channel.bits(platform.bot_user.id))
        shown = await ana.slash("watch add", channel, **good)
        with pytest.raises(PersonCannot, match="no 'x'"):
            await chief.click(shown, custom_id="x")
    assert len(platform.interactions.by_token) == 2


class Sure(discord.ui.View):
    @discord.ui.button(label="Oui", custom_id="yes")
    async def yes(self, interaction: discord.Interaction[Any], _: discord.ui.Button[Sure]) -> None:
        await interaction.response.edit_message(content="noted", view=None)


async def test_only_its_reader_can_press_a_button_of_an_ephemeral_reply(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana, ben = guild.add_channel("general"), guild.add_member("Ana"), guild.add_member("Ben")

    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def ask(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message("sure?", view=Sure(), ephemeral=True)

    async with run_bot(setup):
        asked = await ana.slash("ask", channel)
        with pytest.raises(PersonCannot, match="does not see"):
            await ben.click(asked, label="Oui")
        assert (await ana.click(asked, label="Oui")).content == "noted"


async def test_a_command_in_direct_messages_has_no_guild(platform: Platform, run_bot: Any) -> None:
    ana = platform.add_guild().add_member("Ana")

    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def where(interaction: discord.Interaction[Any]) -> None:
            await interaction.response.send_message(f"{interaction.guild_id} {interaction.context.dm_channel}")

    async with run_bot(setup):
        assert (await ana.slash("where", ana.dm)).content == "None True"


async def test_a_command_in_a_thread_knows_its_parent(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    ana, channel = guild.add_member("Ana"), guild.add_channel("general")
    thread = guild.add_channel("suite", kind=11, parent=channel)

    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def where(interaction: discord.Interaction[Any]) -> None:
            assert isinstance(interaction.channel, discord.Thread)
            await interaction.response.send_message(f"{interaction.channel.parent}")

    async with run_bot(setup):
        assert (await ana.slash("where", thread)).content == "general"
    assert [item.content for item in thread.messages] == ["general"]


async def test_selects_of_channels_roles_and_members_carry_objects(platform: Platform, run_bot: Any) -> None:
    guild = platform.add_guild()
    channel, ana, role = guild.add_channel("general"), guild.add_member("Ana"), guild.add_role("editor")

    class Picks(discord.ui.View):
        @discord.ui.select(cls=discord.ui.ChannelSelect, custom_id="channel")
        async def channel(self, interaction: discord.Interaction[Any], select: discord.ui.ChannelSelect[Picks]) -> None:
            await interaction.response.send_message(f"{select.values[0].name}", ephemeral=True)

        @discord.ui.select(cls=discord.ui.MentionableSelect, custom_id="who", max_values=2)
        async def who(self, interaction: discord.Interaction[Any], select: discord.ui.MentionableSelect[Picks]) -> None:
            await interaction.response.send_message(str(sorted(item.name for item in select.values)), ephemeral=True)

    async with run_bot() as bot:
        await bot.get_channel(channel.id).send("pick", view=Picks())
        asked = channel.last()
        assert (await ana.select(asked, "channel", [channel])).content == "general"
        assert (await ana.select(asked, "who", [ana, role])).content == "['Ana', 'editor']"
        for wrong in ([], [channel], [ana, role, ana]):
            with pytest.raises(PersonCannot):
                await ana.select(asked, "who", wrong)


async def test_a_refused_sync_names_the_faulty_command(run_bot: Any) -> None:
    def setup(bot: commands.Bot) -> None:
        @bot.tree.command(description="d")
        async def fine(interaction: discord.Interaction[Any]) -> None: ...

        @bot.tree.command(description="d")
        @discord.app_commands.choices(o=[discord.app_commands.Choice(name="n", value="x" * 101)])
        async def faulty(interaction: discord.Interaction[Any], o: str) -> None: ...

    with pytest.raises(discord.app_commands.CommandSyncFailure, match="faulty"):
        async with run_bot(setup):
            pass


async def test_a_hidden_or_guild_only_command_can_be_forced_to_test_the_bot_itself(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild()
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        assert (await ana.slash("setup", channel, force=True)).content.isdigit()
        assert (await ana.slash("setup", ana.dm, force=True)).content.isdigit()


async def test_a_french_client_uses_the_french_name_and_tells_its_language(
    platform: Platform, run_bot: Any, watchlist_bot: Any
) -> None:
    guild = platform.add_guild(locale="fr")
    channel, ana = guild.add_channel("general"), guild.add_member("Ana")
    async with run_bot(watchlist_bot):
        assert (await ana.slash("watch show", channel, item="x")).content == "x fr"
        assert (await ana.slash("watch show", channel, item="x", locale="en-US")).content == "x en-US"
        platform.commands[0].body["name_localizations"] = {"fr": "veille"}
        assert (await ana.slash("veille show", channel, item="x")).content == "x fr"
        with pytest.raises(PersonCannot):
            await ana.slash("veille show", channel, item="x", locale="en-US")
