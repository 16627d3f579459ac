"""How the settings of a newsroom are shown: as they are, and what is still missing before it can work."""

from __future__ import annotations

from collections.abc import Iterator

import discord

from bot.locales import Texts
from bot.models import Newsroom
from cogs._channel_permissions import permission_lines
from cogs._replies import PLAIN_COLOUR, WARNING_COLOUR, sheet


def settings_sheet(
    texts: Texts, newsroom: Newsroom, interaction: discord.Interaction, *, has_digest: bool
) -> discord.Embed:
    """Return the settings of a newsroom, with what is missing and what the bot is not allowed.

    `has_digest` tells whether a digest of its whole announcements channel is scheduled.
    """
    channels = (newsroom.announcements_channel, newsroom.operations_channel, newsroom.log_channel)
    named = [channel for channel in channels if channel is not None]
    threaded = [newsroom.announcements_channel] if newsroom.threads else []
    missing = [
        *_missing_lines(texts, newsroom, has_digest=has_digest),
        *permission_lines(texts, named, interaction, threaded),
    ]
    lines = [f"**{texts('setup-no-secrets')}**", "", *_setting_lines(texts, newsroom)]
    if missing:
        lines += ["", texts("setup-missing"), *(f"- {line}" for line in missing)]
    colour = WARNING_COLOUR if missing else PLAIN_COLOUR
    return sheet(texts("setup-title"), lines, colour=colour)


def _setting_lines(texts: Texts, newsroom: Newsroom) -> Iterator[str]:
    none = texts("setup-none")
    for label, channel in (
        (texts("setup-announcements"), newsroom.announcements_channel),
        (texts("setup-operations"), newsroom.operations_channel),
        (texts("setup-log"), newsroom.log_channel),
    ):
        yield texts("setup-line", label=label, value=_channel(texts, channel) or none)
    for label, role in (
        (texts("setup-reporter"), newsroom.reporter_role),
        (texts("setup-editor"), newsroom.editor_role),
    ):
        yield texts("setup-line", label=label, value=texts("setup-role", role=role) if role else none)
    language = texts("choice-fr") if newsroom.language == "fr" else texts("choice-en")
    yield texts("setup-line", label=texts("setup-language"), value=language)
    yield texts("setup-line", label=texts("setup-timezone"), value=newsroom.timezone)
    quiet_days = texts.word("quiet-days", newsroom.quiet_days)
    yield texts("setup-line", label=texts("setup-quiet-days"), value=quiet_days)
    storm = texts.plural("setup-storm", newsroom.storm)
    yield texts("setup-line", label=storm, value=texts("setup-storm-value"))
    second = texts("setup-second-source-asked") if newsroom.second_source else texts("setup-second-source-not-asked")
    yield texts("setup-line", label=texts("setup-second-source"), value=second)
    days = newsroom.retention_days
    retention = texts("setup-retention-never") if days is None else texts.plural("setup-retention-days", days)
    yield texts("setup-line", label=texts("setup-retention"), value=retention)
    yield from _announcing_lines(texts, newsroom)


def _announcing_lines(texts: Texts, newsroom: Newsroom) -> Iterator[str]:
    """Yield the settings of the form on announcing."""
    threads = texts("setup-threads-yes") if newsroom.threads else texts("setup-threads-no")
    yield texts("setup-line", label=texts("setup-threads"), value=threads)
    never = texts("setup-never")
    quiet = never
    if newsroom.quiet_from is not None and newsroom.quiet_until is not None:
        quiet = texts("setup-quiet-hours-value", start=newsroom.quiet_from, end=newsroom.quiet_until)
    yield texts("setup-line", label=texts("setup-quiet-hours"), value=quiet)
    days = newsroom.deadline_days
    value = never if days is None else texts.plural("setup-deadline-days-value", days)
    yield texts("setup-line", label=texts("setup-deadline-days"), value=value)
    days = newsroom.award_days
    value = never if days is None else texts.plural("setup-award-days-value", days)
    yield texts("setup-line", label=texts("setup-award-days"), value=value)


def _missing_lines(texts: Texts, newsroom: Newsroom, *, has_digest: bool) -> Iterator[str]:
    if newsroom.announcements_channel is None:
        yield texts("setup-missing-announcements")
    if newsroom.operations_channel is None:
        yield texts("setup-missing-operations")
    if newsroom.reporter_role is None and newsroom.editor_role is None:
        yield texts("setup-missing-roles")
    if newsroom.announcements_channel is not None and not has_digest:
        yield texts("setup-missing-digest", channel=newsroom.announcements_channel)


def _channel(texts: Texts, channel_id: int | None) -> str | None:
    return texts("setup-channel", channel=channel_id) if channel_id is not None else None
