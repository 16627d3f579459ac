"""The forms of a newsroom's rarer settings, the buttons that open them, and the reply that shows what is now set."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import discord
from discord import ui

from bot.access import Action
from bot.errors import UserError
from bot.models import Newsroom, QuietDays
from bot.setting_up import (
    MOST_AWARD_DAYS,
    MOST_DEADLINE_DAYS,
    MOST_RETENTION,
    MOST_STORM,
    AnnouncingSettings,
    RarerSettings,
    read_award_days,
    read_deadline_days,
    read_quiet,
    read_retention,
    read_storm,
    set_announcing,
    set_rarer,
)
from bot.storage.digesting import digests
from cogs._caller import Visit, app_of, visit
from cogs._forms import NO, YES, ChoiceSpec, Form, Input, Option, TextInputSpec, open_form, yes_or_no
from cogs._gate import GatedButton
from cogs._replies import respond
from cogs._settings import settings_sheet

if TYPE_CHECKING:
    from bot.locales import Texts
    from bot.storage.log.drafts import Draft

NUMBER_UNITS = 20
HOURS_UNITS = 50


class SettingsForm(Form):
    """Change the rarer settings: quiet days, the storm brake, the second source, and how long tips are kept unasked."""

    name: ClassVar[str] = "settings"
    action: ClassVar[Action] = Action.SETUP

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:  # noqa: ARG002  # the interface
        """Return what the form is for."""
        return texts("form-settings")

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # the interface
        """Return the settings."""
        return (
            ChoiceSpec(
                key="quiet_days",
                label=texts("form-quiet-days"),
                description=texts("form-quiet-days-about"),
                options=[Option(value=days, label=texts.word("quiet-days", days)) for days in QuietDays],
            ),
            _number(texts, "storm", texts("form-storm"), texts("form-storm-about"), MOST_STORM),
            ChoiceSpec(
                key="second_source",
                label=texts("form-second-source"),
                description=texts("form-second-source-about"),
                options=yes_or_no(texts),
            ),
            _number(
                texts,
                "retention_days",
                texts("form-retention"),
                texts("form-retention-about"),
                MOST_RETENTION,
                required=False,
            ),
        )

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Store the settings and show them all."""
        app = app_of(interaction)
        settings = RarerSettings(
            quiet_days=QuietDays(values["quiet_days"]),
            storm=read_storm(values["storm"]),
            second_source=values["second_source"] == YES,
            retention_days=read_retention(values["retention_days"]),
        )
        newsroom = await set_rarer(app.database, visitor.viewer, settings, draft.id, app.clock.now())
        await show_settings(interaction, visitor, newsroom)


class AnnouncingForm(Form):
    """Change how hits are announced: threads, quiet hours, reminders of deadlines, alarms on missing awards."""

    name: ClassVar[str] = "announcing"
    action: ClassVar[Action] = Action.SETUP

    def title(self, texts: Texts, context: Mapping[str, Any]) -> str:  # noqa: ARG002  # the interface
        """Return what the form is for."""
        return texts("form-announcing")

    def inputs(self, texts: Texts, context: Mapping[str, Any]) -> Sequence[Input]:  # noqa: ARG002  # the interface
        """Return the settings."""
        return (
            ChoiceSpec(
                key="threads",
                label=texts("form-threads"),
                description=texts("form-threads-about"),
                options=yes_or_no(texts),
            ),
            TextInputSpec(
                key="quiet_hours",
                label=texts("form-quiet-hours"),
                description=texts("form-quiet-hours-about"),
                max_length=HOURS_UNITS,
                placeholder="22:00-07:00",
                required=False,
            ),
            _number(
                texts,
                "deadline_days",
                texts("form-deadline-days"),
                texts("form-deadline-days-about"),
                MOST_DEADLINE_DAYS,
                required=False,
            ),
            _number(
                texts,
                "award_days",
                texts("form-award-days"),
                texts("form-award-days-about"),
                MOST_AWARD_DAYS,
                required=False,
            ),
        )

    async def submit(
        self, interaction: discord.Interaction, visitor: Visit, draft: Draft, values: Mapping[str, str]
    ) -> None:
        """Store the settings, send what no longer waits, and show them all."""
        app = app_of(interaction)
        settings = AnnouncingSettings(
            threads=values["threads"] == YES,
            quiet=read_quiet(values["quiet_hours"]),
            deadline_days=read_deadline_days(values["deadline_days"]),
            award_days=read_award_days(values["award_days"]),
        )
        newsroom = await set_announcing(app.database, visitor.viewer, settings, draft.id, app.clock.now())
        app.delivery.wake()
        await show_settings(interaction, visitor, newsroom)


class SettingsButton(GatedButton, template=r"(?!)"):
    """Be a button that opens a form of settings, filled in with those that stand."""

    action = Action.SETUP
    name: ClassVar[str]
    form: ClassVar[type[Form]]

    def __init__(self, label: str) -> None:
        super().__init__(ui.Button(label=label, custom_id=f"setup:{self.name}"))

    async def act(self, interaction: discord.Interaction) -> None:
        """Show the form."""
        newsroom = (await visit(interaction)).newsroom
        if newsroom is None:
            raise UserError("access-not-set-up")
        await open_form(interaction, self.form, context={}, values=self.values(newsroom))

    @staticmethod
    @abstractmethod
    def values(newsroom: Newsroom) -> dict[str, str]:
        """Return the settings of a newsroom as the form has them, by the key of its input."""


class MoreSettings(SettingsButton, template=r"setup:more"):
    """Open the form of the rarer settings."""

    name = "more"
    form = SettingsForm

    @staticmethod
    def values(newsroom: Newsroom) -> dict[str, str]:
        """Return the rarer settings of a newsroom."""
        return {
            "quiet_days": newsroom.quiet_days.value,
            "storm": str(newsroom.storm),
            "second_source": YES if newsroom.second_source else NO,
            "retention_days": str(newsroom.retention_days or ""),
        }


class Announcing(SettingsButton, template=r"setup:announcing"):
    """Open the form on announcing."""

    name = "announcing"
    form = AnnouncingForm

    @staticmethod
    def values(newsroom: Newsroom) -> dict[str, str]:
        """Return how a newsroom's hits are announced."""
        quiet = f"{newsroom.quiet_from}-{newsroom.quiet_until}" if newsroom.quiet_from is not None else ""
        return {
            "threads": YES if newsroom.threads else NO,
            "quiet_hours": quiet,
            "deadline_days": str(newsroom.deadline_days or ""),
            "award_days": str(newsroom.award_days or ""),
        }


async def show_settings(interaction: discord.Interaction, visitor: Visit, newsroom: Newsroom) -> None:
    """Answer with the settings of a newsroom as they now are, and the way to the rarer ones."""
    texts = visitor.texts
    view = ui.View(timeout=None)
    view.add_item(MoreSettings(texts("button-more-settings")))
    view.add_item(Announcing(texts("button-announcing")))
    channel = newsroom.announcements_channel
    async with app_of(interaction).database.read() as connection:
        has_digest = channel is not None and bool(await digests.of_channel(connection, newsroom.guild_id, channel))
    await respond(interaction, embed=settings_sheet(texts, newsroom, interaction, has_digest=has_digest), view=view)


def _number(texts: Texts, key: str, label: str, description: str, most: int, *, required: bool = True) -> TextInputSpec:
    """Return the input of a whole number up to `most`."""
    return TextInputSpec(
        key=key,
        label=label,
        description=description,
        max_length=NUMBER_UNITS,
        placeholder=f"1 … {texts.number(most)}",
        required=required,
    )
