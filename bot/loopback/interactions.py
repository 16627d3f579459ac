"""Interactions: what a person started, and the callback and webhook endpoints by which the bot answers in time."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from bot.loopback import limits, messages
from bot.loopback.errors import ApiError
from bot.loopback.state import COMPONENTS_V2, EPHEMERAL, LOADING, Json, Message, Pulse

if TYPE_CHECKING:
    from bot.loopback.channels import Channel
    from bot.loopback.people import Member
    from bot.loopback.platform import Platform
    from bot.loopback.server import Answer, Call

COMMAND, COMPONENT, AUTOCOMPLETE, MODAL_SUBMIT = 2, 3, 4, 5
CHAT_INPUT_REPLY, MENU_REPLY = 20, 23
MESSAGE, DEFER, DEFER_UPDATE, UPDATE, CHOICES, MODAL = 4, 5, 6, 7, 8, 9

_MAY_ANSWER = {
    COMMAND: frozenset({MESSAGE, DEFER, MODAL}),
    COMPONENT: frozenset({MESSAGE, DEFER, DEFER_UPDATE, UPDATE, MODAL}),
    AUTOCOMPLETE: frozenset({CHOICES}),
    MODAL_SUBMIT: frozenset({MESSAGE, DEFER}),
}


@dataclass(slots=True, eq=False)
class Interaction:
    """One act of a person and everything the bot answered to it.

    `answer` is the kind of the first answer, `original` the message it made or edits, `source` the message that was
    clicked, `opener` the interaction that opened a submitted form. Times are seconds of the monotonic clock; `took` is
    how long the first answer took.
    """

    id: int
    token: str
    type: int
    member: Member
    channel: Channel
    data: Json
    created: float
    source: Message | None = None
    opener: Interaction | None = None
    answer: int | None = None
    original: Message | None = None
    modal: Json | None = None
    choices: list[Json] = field(default_factory=list)
    followups: list[Message] = field(default_factory=list)
    late: bool = False
    took: float | None = None
    pulse: Pulse = field(default_factory=Pulse)

    @property
    def metadata(self) -> Json:
        """Return what a message made by it says about it."""
        about: Json = {
            "id": str(self.id),
            "type": self.type,
            "user": self.member.user.payload(),
            "authorizing_integration_owners": {"0": str(self.channel.guild.id) if self.channel.guild else "0"},
        }
        if self.type == COMPONENT and self.source is not None:
            about["interacted_message_id"] = str(self.source.id)
        if self.opener is not None:
            about["triggering_interaction_metadata"] = self.opener.metadata
        return about


class Interactions:
    """Every interaction of a platform, and the rules by which it may be answered."""

    def __init__(self, platform: Platform) -> None:
        self.platform = platform
        self.by_token: dict[str, Interaction] = {}

    def start(
        self,
        kind: int,
        member: Member,
        channel: Channel,
        data: Json,
        *,
        locale: str,
        source: Message | None = None,
        opener: Interaction | None = None,
    ) -> Interaction:
        """Send INTERACTION_CREATE to the bot; the clock of its answer starts now."""
        platform = self.platform
        interaction = Interaction(
            platform.new_id(), token_urlsafe(40), kind, member, channel, data, time.monotonic(), source, opener
        )
        self.by_token[interaction.token] = interaction
        guild = channel.guild
        payload: Json = {
            "id": str(interaction.id),
            "application_id": str(platform.application_id),
            "type": kind,
            "token": interaction.token,
            "version": 1,
            "data": data,
            "channel_id": str(channel.id),
            "channel": channel.partial(member.id),
            "locale": locale,
            "app_permissions": str(channel.bits(platform.bot_user.id)),
            "entitlements": [],
            "attachment_size_limit": platform.attachment_size_limit,
            "context": 0 if guild else 1,
            "authorizing_integration_owners": {"0": str(guild.id) if guild else "0"},
        }
        if guild:
            payload |= {
                "guild_id": str(guild.id),
                "guild": {"id": str(guild.id), "locale": guild.locale, "features": []},
                "guild_locale": guild.locale,
                "member": member.payload() | {"permissions": str(channel.bits(member.id))},
            }
        else:
            payload["user"] = member.user.payload()
        if source is not None and kind in {COMPONENT, MODAL_SUBMIT}:
            payload["message"] = source.payload()
        platform.gateway.dispatch("INTERACTION_CREATE", payload, intent=0)
        return interaction

    def _answered(self, token: str) -> Interaction:
        """Return the interaction that a webhook path names; it must have had its first answer and not be too old."""
        interaction = self.by_token.get(token)
        if interaction is None or interaction.answer is None or interaction.answer == CHOICES:
            raise ApiError(404, 10015)
        if time.monotonic() - interaction.created > self.platform.token_lifetime_s:
            raise ApiError(401, 50027)
        return interaction

    async def callback(self, call: Call) -> Answer:
        """POST /interactions/{id}/{token}/callback: the first answer."""
        interaction = self.by_token.get(call.params["interaction_token"])
        if interaction is None or str(interaction.id) != call.params["interaction_id"]:
            raise ApiError(404, 10062)
        if interaction.answer is not None:
            raise ApiError(400, 40060)
        took = call.arrived - interaction.created
        if took > self.platform.answer_deadline_s:
            interaction.late = True
            self.platform.late_answers.append(f"{self._named(interaction)}: first answer after {took:.2f} s")
            interaction.pulse.beat()
            raise ApiError(404, 10062)
        kind, data = self._check_callback(call, interaction)
        interaction.answer, interaction.took = kind, took
        if kind == CHOICES:
            interaction.choices = data.get("choices") or []
        elif kind == MODAL:
            interaction.modal = data
        elif kind in {MESSAGE, DEFER}:
            flags = int(data.get("flags") or 0) & (EPHEMERAL | COMPONENTS_V2) | (LOADING if kind == DEFER else 0)
            body = data if kind == MESSAGE else {}
            interaction.original = self._post(interaction, body, call, flags, via="interaction")
        else:
            interaction.original = interaction.source
            if kind == UPDATE and interaction.source is not None:
                messages.apply_edit(self.platform, interaction.source, data, call.files)
        interaction.pulse.beat()
        if call.query.get("with_response", "").lower() not in {"1", "true"}:
            return 204, None
        return 200, self._receipt(interaction, kind)

    def _check_callback(self, call: Call, interaction: Interaction) -> tuple[int, Json]:
        faulty = call.check_schema()
        faulty.raise_if_any()
        kind, data = int(call.body["type"]), call.body.get("data") or {}
        allowed = _MAY_ANSWER[interaction.type]
        if interaction.type == MODAL_SUBMIT and interaction.source is not None:
            allowed |= {DEFER_UPDATE, UPDATE}
        if kind not in allowed:
            faulty.add(("type",), "BASE_TYPE_CHOICES", f"Value must be one of {sorted(allowed)}.")
            faulty.raise_if_any()
        if kind == CHOICES:
            limits.check_autocomplete(data, faulty, ("data",))
        elif kind == MODAL:
            limits.check_modal(data, faulty, ("data",))
        elif kind == MESSAGE:
            messages.check_new(self.platform, call, data, faulty, ("data",))
        elif kind == UPDATE and interaction.source is not None:
            messages.check_edit(self.platform, call, interaction.source, data, faulty, ("data",))
        faulty.raise_if_any()
        return kind, data

    def _receipt(self, interaction: Interaction, kind: int) -> Json:
        original = interaction.original
        about: Json = {"id": str(interaction.id), "type": interaction.type}
        receipt: Json = {"interaction": about}
        if original is not None:
            about |= {
                "response_message_id": str(original.id),
                "response_message_loading": original.loading,
                "response_message_ephemeral": original.ephemeral,
            }
            if kind in {MESSAGE, UPDATE}:
                receipt["resource"] = {"type": kind, "message": original.payload()}
        return receipt

    def _post(self, interaction: Interaction, body: Json, call: Call, flags: int, *, via: str) -> Message:
        message = messages.build(
            self.platform,
            interaction.channel,
            self.platform.bot_user,
            body,
            call.files,
            via=via,
            flags=flags,
            ephemeral_for=interaction.member.id if flags & EPHEMERAL else None,
        )
        message.interaction = interaction.metadata
        if interaction.type == COMMAND and via == "interaction":
            message.type = CHAT_INPUT_REPLY if interaction.data["type"] == 1 else MENU_REPLY
        self.platform.add_message(interaction.channel, message)
        return message

    async def follow_up(self, call: Call) -> Answer:
        """POST /webhooks/{application}/{token}: another message, or the one that a defer promised."""
        interaction = self._answered(call.params["webhook_token"])
        faulty = call.check_schema()
        messages.check_new(self.platform, call, call.body, faulty, ())
        faulty.raise_if_any()
        original = interaction.original
        if interaction.answer == DEFER and original is not None and original.loading and not original.deleted:
            self._fill(original, call.body, call)
            message = original
        else:
            flags = int(call.body.get("flags") or 0) & (EPHEMERAL | COMPONENTS_V2)
            message = self._post(interaction, call.body, call, flags, via="followup")
            interaction.followups.append(message)
        interaction.pulse.beat()
        return 200, message.payload()

    def _fill(self, original: Message, body: Json, call: Call) -> None:
        original.flags &= ~LOADING
        original.flags |= int(body.get("flags") or 0) & COMPONENTS_V2
        messages.apply_edit(self.platform, original, body, call.files)

    def _message(self, interaction: Interaction, name: str) -> Message:
        if name == "@original":
            message = interaction.original
        else:
            every = [interaction.original, *interaction.followups]
            message = next((item for item in every if item is not None and str(item.id) == name), None)
        if message is None or message.deleted:
            raise ApiError(404, 10008)
        return message

    async def get(self, call: Call) -> Answer:
        """GET /webhooks/{application}/{token}/messages/{message or @original}."""
        interaction = self._answered(call.params["webhook_token"])
        return 200, self._message(interaction, call.params["message_id"]).payload()

    async def edit(self, call: Call) -> Answer:
        """PATCH of the same: edits the reply, or fills the message that a defer promised."""
        interaction = self._answered(call.params["webhook_token"])
        message = self._message(interaction, call.params["message_id"])
        faulty = call.check_schema()
        messages.check_edit(self.platform, call, message, call.body, faulty, ())
        faulty.raise_if_any()
        if message.loading:
            self._fill(message, call.body, call)
        else:
            messages.apply_edit(self.platform, message, call.body, call.files)
        interaction.pulse.beat()
        return 200, message.payload()

    async def delete(self, call: Call) -> Answer:
        """DELETE of the same."""
        interaction = self._answered(call.params["webhook_token"])
        self.platform.delete_message(self._message(interaction, call.params["message_id"]))
        interaction.pulse.beat()
        return 204, None

    def _named(self, interaction: Interaction) -> str:
        data: dict[str, Any] = interaction.data
        return str(data.get("name") or data.get("custom_id") or interaction.id)
