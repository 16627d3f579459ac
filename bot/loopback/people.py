"""People: what a member of a guild does in Discord's client, and what they then see."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bot.loopback import limits, messages
from bot.loopback.filling import PersonCannot, Resolved, called, fill, fill_form, leaf_of, pick, wrap
from bot.loopback.interactions import (
    AUTOCOMPLETE,
    COMMAND,
    COMPONENT,
    DEFER,
    DEFER_UPDATE,
    MODAL_SUBMIT,
)
from bot.loopback.permissions import Permission
from bot.loopback.replies import Choice, NoAnswer, Reply
from bot.loopback.state import Attachment, Command, Json, Message, Person, Role, User

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from bot.loopback.channels import Channel
    from bot.loopback.guilds import Guild
    from bot.loopback.interactions import Interaction
    from bot.loopback.platform import Platform

GRACE_S = 0.3
CHAT, USER_MENU, MESSAGE_MENU = 1, 2, 3


class Member(Person):
    """A person in one guild, with their roles there; each method is something they do in the client."""

    def __init__(
        self, platform: Platform, guild: Guild, user: User, roles: list[Role], granted: int, locale: str
    ) -> None:
        self.platform = platform
        self.guild = guild
        self.user = user
        self.roles = roles
        self.granted = granted
        self.locale = locale

    def __repr__(self) -> str:
        return f"<Member {self.user.name!r} {self.id}>"

    @property
    def name(self) -> str:
        """Return their name."""
        return self.user.name

    @property
    def mention(self) -> str:
        """Return what a message writes to name them."""
        return f"<@{self.id}>"

    @property
    def permissions(self) -> int:
        """Return what they may do in the guild as a whole."""
        return self.guild.bits(self.id)

    def refuse_private(self, *, is_refused: bool = True) -> None:
        """Take no private messages from members of guilds any more, or (False) take them again."""
        self.user.takes_private = not is_refused

    @property
    def dm(self) -> Channel:
        """Return their direct messages with the bot."""
        return self.platform.direct_channel(self.user)

    def payload(self) -> Json:
        """Return the `GuildMember` object, without permissions: an interaction adds those of its channel."""
        return {
            "user": self.user.payload(),
            "nick": None,
            "avatar": None,
            "roles": [str(role.id) for role in self.roles],
            "joined_at": self.platform.started_at.isoformat(),
            "premium_since": None,
            "deaf": False,
            "mute": False,
            "flags": 0,
            "pending": False,
            "communication_disabled_until": None,
        }

    def sees(self, command: Command, channel: Channel) -> bool:
        """Tell whether the client shows them a command there, by its contexts and `default_member_permissions`."""
        body = command.body
        contexts = body.get("contexts")
        if contexts is not None and (0 if channel.guild else 1) not in contexts:
            return False
        if channel.guild is None:
            return body.get("dm_permission") is not False
        bits = channel.bits(self.id)
        needed = body.get("default_member_permissions")
        if needed is None or bits & Permission.ADMINISTRATOR:
            return True
        return int(needed) != 0 and bits & int(needed) == int(needed)

    def _command(self, name: str, kinds: Sequence[int], channel: Channel, locale: str, *, force: bool) -> Command:
        every = [item for item in self.platform.commands_in(channel.guild) if item.type in kinds]
        command = next((item for item in every if called(item.body, name, locale)), None)
        if command is None:
            raise PersonCannot(f"there is no command {name!r}, only {sorted(item.name for item in every)}")
        if force:
            return command
        if not self.sees(command, channel):
            raise PersonCannot(f"{name!r} is hidden from {self.name} in {channel.name}")
        if not channel.bits(self.id) & Permission.USE_APPLICATION_COMMANDS:
            raise PersonCannot(f"{self.name} may not use commands in {channel.name}")
        return command

    def _leaf(self, path: str, channel: Channel, locale: str, *, force: bool) -> tuple[Command, list[Json], list[Json]]:
        root, *words = path.removeprefix("/").split()
        command = self._command(root, [CHAT], channel, locale, force=force)
        chain, options = leaf_of(command, words, locale)
        return command, chain, options

    async def slash(
        self,
        path: str,
        channel: Channel,
        /,
        *,
        locale: str | None = None,
        wait_s: float = 10.0,
        force: bool = False,
        **options: Any,
    ) -> Reply:
        """Run a slash command such as `watch add` in a channel; return its reply, after a defer once it is filled.

        Options are texts, numbers, booleans, `Channel`, `Role`, `Member`, or what `upload` returned; None means not
        given. PersonCannot when the client would refuse, NoAnswer when the bot is late. `force` sends what the client
        hides: a command that this person must not see, or a guild-only command in direct messages.
        """
        language = locale or self.locale
        command, chain, accepted = self._leaf(path, channel, language, force=force)
        resolved = Resolved(self, channel)
        filled = fill(accepted, options, resolved, language)
        data = self._data(command, wrap(chain, filled), resolved)
        return await self._act(COMMAND, channel, data, language, wait_s)

    async def autocomplete(
        self,
        path: str,
        /,
        *,
        option: str,
        typed: str | float,
        channel: Channel,
        filled: Mapping[str, Any] | None = None,
        locale: str | None = None,
        force: bool = False,
        **already_filled: Any,
    ) -> list[Choice]:
        """Type into an option; return what the bot proposes. Options already filled come by name or in `filled`."""
        language = locale or self.locale
        command, chain, accepted = self._leaf(path, channel, language, force=force)
        focused = next((item for item in accepted if called(item, option, language)), None)
        if focused is None or not focused.get("autocomplete"):
            raise PersonCannot(f"/{path} proposes nothing for {option!r}")
        resolved = Resolved(self, channel)
        others = [item | {"required": False} for item in accepted if item is not focused]
        options = fill(others, {**(filled or {}), **already_filled}, resolved, language)
        options.append({"name": focused["name"], "type": focused["type"], "value": str(typed), "focused": True})
        data = self._data(command, wrap(chain, options), resolved)
        reply = await self._act(AUTOCOMPLETE, channel, data, language, 0.0)
        return [
            Choice((item.get("name_localizations") or {}).get(language) or item["name"], item["value"])
            for item in reply.interaction.choices
        ]

    async def context_menu(
        self,
        name: str,
        target: Message | Member,
        /,
        *,
        channel: Channel | None = None,
        locale: str | None = None,
        wait_s: float = 10.0,
        force: bool = False,
    ) -> Reply:
        """Choose a command of the menu of a message or a member; `channel` is needed for a member only."""
        language = locale or self.locale
        if isinstance(target, Message):
            channel = self._channel_of(target)
        elif channel is None:
            raise PersonCannot("a member's menu is opened in a channel")
        kind = MESSAGE_MENU if isinstance(target, Message) else USER_MENU
        command = self._command(name, [kind], channel, language, force=force)
        resolved = Resolved(self, channel)
        resolved.add(target)
        data = self._data(command, [], resolved) | {"target_id": str(target.id)}
        return await self._act(COMMAND, channel, data, language, wait_s)

    def _data(self, command: Command, options: list[Json], resolved: Resolved) -> Json:
        data: Json = {"id": str(command.id), "name": command.name, "type": command.type}
        if command.guild_id is not None:
            data["guild_id"] = str(command.guild_id)
        if command.type == CHAT:
            data["options"] = options
        if resolved.found:
            data["resolved"] = resolved.found
        return data

    async def click(
        self,
        target: Message | Reply,
        /,
        *,
        custom_id: str | None = None,
        label: str | None = None,
        locale: str | None = None,
        wait_s: float = 10.0,
    ) -> Reply:
        """Press a button, found by its custom_id or its label; return the reply."""
        message = _message_of(target)
        component = _component(message, limits.BUTTON, custom_id, label)
        if not component.get("custom_id"):
            raise PersonCannot("a link button opens a page and tells the bot nothing")
        data = {"component_type": limits.BUTTON, "custom_id": component["custom_id"], "id": component.get("id")}
        return await self._on_message(message, data, locale, wait_s)

    async def select(
        self,
        target: Message | Reply,
        /,
        custom_id: str,
        values: Sequence[Any],
        *,
        locale: str | None = None,
        wait_s: float = 10.0,
    ) -> Reply:
        """Pick values in a select: texts (values or labels), or channels, roles and members; return the reply."""
        message = _message_of(target)
        component = _component(message, None, custom_id, None)
        if component["type"] not in limits.SELECTS:
            raise PersonCannot(f"{custom_id!r} is not a select")
        channel = self._channel_of(message)
        resolved = Resolved(self, channel)
        picked = pick(component | {"required": True}, list(values), resolved)
        data: Json = {"component_type": component["type"], "custom_id": custom_id, "values": picked}
        if resolved.found:
            data["resolved"] = resolved.found
        return await self._on_message(message, data, locale, wait_s)

    async def submit(
        self,
        reply: Reply,
        values: Mapping[str, Any] | None = None,
        /,
        *,
        locale: str | None = None,
        wait_s: float = 10.0,
    ) -> Reply:
        """Fill the form that a reply opened, by custom_id, and send it; what is left out keeps what was proposed."""
        opened = reply.interaction
        if opened.modal is None:
            raise PersonCannot("no form is open")
        if opened.member.user is not self.user:
            raise PersonCannot("the form is open on somebody else's screen")
        resolved = Resolved(self, opened.channel)
        components = fill_form(opened.modal, values or {}, resolved)
        data: Json = {"custom_id": opened.modal["custom_id"], "components": components}
        if resolved.found:
            data["resolved"] = resolved.found
        return await self._act(
            MODAL_SUBMIT, opened.channel, data, locale or self.locale, wait_s, source=opened.source, opener=opened
        )

    def post(self, channel: Channel, text: str, attachments: Iterable[Attachment] = ()) -> Message:
        """Write a message in a channel."""
        needed = Permission.SEND_MESSAGES_IN_THREADS if channel.is_thread else Permission.SEND_MESSAGES
        if channel.deleted or not channel.bits(self.id) & needed:
            raise PersonCannot(f"{self.name} may not write in {channel.name}")
        message = messages.build(self.platform, channel, self.user, {"content": text}, {}, via="person")
        message.attachments = list(attachments)
        self.platform.add_message(channel, message)
        return message

    def delete(self, message: Message) -> None:
        """Delete a message: one's own, or anybody's with the right to."""
        channel = self._channel_of(message)
        if message.author is not self.user and not channel.bits(self.id) & Permission.MANAGE_MESSAGES:
            raise PersonCannot(f"{self.name} may not delete that")
        self.platform.delete_message(message)

    def upload(self, filename: str, data: bytes, content_type: str | None = None) -> Attachment:
        """Choose a file to give to an option, a form or a message."""
        if len(data) > self.platform.attachment_size_limit:
            raise PersonCannot(f"{filename} is larger than {self.platform.attachment_size_limit} bytes")
        return self.platform.keep_file(filename, data, content_type=content_type, ephemeral=True)

    def _channel_of(self, message: Message) -> Channel:
        channel = self.platform.channels.get(message.channel_id)
        if channel is None or message.deleted:
            raise PersonCannot("the message is gone")
        if message.seen_by is not None and message.seen_by != self.id:
            raise PersonCannot(f"{self.name} does not see that message")
        if not channel.bits(self.id) & Permission.VIEW_CHANNEL:
            raise PersonCannot(f"{self.name} does not see {channel.name}")
        return channel

    async def _on_message(self, message: Message, data: Json, locale: str | None, wait_s: float) -> Reply:
        channel = self._channel_of(message)
        return await self._act(COMPONENT, channel, data, locale or self.locale, wait_s, source=message)

    async def _act(
        self,
        kind: int,
        channel: Channel,
        data: Json,
        locale: str,
        wait_s: float,
        *,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Reply:
        if channel.guild not in {None, self.guild}:
            raise PersonCannot(f"{self.name} is not in that guild")
        edits = source.edits if source else 0
        interaction = self.platform.interactions.start(
            kind, self, channel, data, locale=locale, source=source, opener=opener
        )
        reply = Reply(interaction)
        deadline = self.platform.answer_deadline_s + GRACE_S
        what = f"an answer to {data.get('name') or data.get('custom_id')!r}"
        try:
            await interaction.pulse.until(lambda: interaction.answer or interaction.late, deadline, what)
        except TimeoutError as error:
            raise NoAnswer(str(error)) from None
        if interaction.answer is None:
            raise NoAnswer(f"{what}: too late")
        if interaction.answer == DEFER:
            await reply.wait_for(lambda reply: reply.settled, wait_s)
        elif interaction.answer == DEFER_UPDATE:
            await self._follow_update(reply, edits, wait_s)
        return reply

    async def _follow_update(self, reply: Reply, edits: int, wait_s: float) -> None:
        """Wait for the edit or the message after a silent acknowledgement; nothing need come, so no error."""
        try:
            await reply.wait_for(
                lambda reply: bool(reply.followups or (reply.message and reply.message.edits > edits)), wait_s
            )
        except NoAnswer:
            return


def _message_of(target: Message | Reply) -> Message:
    message = target.message if isinstance(target, Reply) else target
    if message is None:
        raise PersonCannot("there is no message to act on")
    return message


def _component(message: Message, kind: int | None, custom_id: str | None, label: str | None) -> Json:
    if (custom_id is None) == (label is None):
        raise ValueError("name the component by its custom_id or by its label")
    every = [item for _, item in limits.walk(message.components) if kind in {None, item["type"]}]
    found = [
        item for item in every if (item.get("custom_id") == custom_id if custom_id else item.get("label") == label)
    ]
    if not found:
        shown = [(item.get("custom_id"), item.get("label")) for item in every]
        raise PersonCannot(f"no {custom_id or label!r} there, only {shown}")
    if found[0].get("disabled"):
        raise PersonCannot(f"{custom_id or label!r} is disabled")
    return found[0]
