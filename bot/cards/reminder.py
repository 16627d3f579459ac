"""The card of a reminder, for one person: tips by number that wait for them, facts that changed since an export."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from bot.cards.card import ERASE_TIP, KEEP_TIP, Accent, Button, Card, CardKind, Field, Line, Span, Style
from bot.cards.lines import fields, footer, member
from bot.locales import Texts
from bot.markup import plain
from bot.models import RemindedFact, RemindedTip, ReminderEnding, ReminderReason

SHOWN: Final = 10
"""How many tips, or facts, one reminder names."""

_NAME_UNITS: Final = 80
_ORDER: Final = (
    ReminderReason.WISH,
    ReminderReason.UNANSWERED,
    ReminderReason.KEEP,
    ReminderReason.LEFT,
    ReminderReason.REST,
)
_OF_OTHERS: Final = frozenset({ReminderReason.UNANSWERED, ReminderReason.LEFT})
_TO_KEEP: Final = frozenset({ReminderReason.WISH, ReminderReason.UNANSWERED, ReminderReason.KEEP})


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderContent:
    """Hold what a reminder says, never a word of a tip: which tips or facts, how they stand, since when.

    `is_private` is False where it stands in a channel of the newsroom's; each tip then names who holds it.
    `exported_at` is when the facts were exported, None where it was more than once. `newsroom` is what its server is
    called, for those who belong to several.
    """

    guild_id: int
    tips: Sequence[RemindedTip] = ()
    facts: Sequence[RemindedFact] = ()
    exported_at: datetime | None = None
    code: str | None = None
    is_private: bool = True
    newsroom: str | None = None

    @property
    def is_settled(self) -> bool:
        """Return whether nothing of it is open any more."""
        return not self.facts and not self.waiting

    @property
    def waiting(self) -> int:
        """Return how many of its tips wait for an answer."""
        return sum(tip.is_open for tip in self.tips)


def reminder_card(texts: Texts, content: ReminderContent, *, is_plain: bool = False) -> Card:
    """Return the card of a reminder: ten tips or facts at most, the others counted, and what to do.

    What was settled since is struck through. `is_plain` leaves links and buttons out.
    """
    shown = sorted(content.tips, key=lambda tip: (not tip.is_open, _ORDER.index(tip.reason)))[:SHOWN]
    held = [
        *(field for reason in _ORDER for field in _tip_fields(texts, content, shown, reason, is_plain=is_plain)),
        *_fact_fields(texts, content, is_plain=is_plain),
    ]
    return Card(
        kind=CardKind.REMINDER,
        title=_title(texts, content),
        accent=Accent.NEUTRAL if content.is_settled else Accent.DOUBT,
        url=None if is_plain else f"https://discord.com/channels/{content.guild_id}",
        body=tuple((Span(line, Style.QUIET),) for line in _about(texts, content)),
        fields=tuple(held),
        footer=" · ".join(filter(None, (plain(content.newsroom or "", _NAME_UNITS), footer(texts, 1, content.code)))),
        buttons=() if is_plain else tuple(_buttons(texts, content)),
    )


def _title(texts: Texts, content: ReminderContent) -> str:
    if content.facts:
        return texts.plural("card-reminder-facts", len(content.facts))
    if content.waiting:
        return texts.plural("card-reminder-tips", content.waiting)
    is_asked_again = any(tip.ending is ReminderEnding.ASKED_AGAIN for tip in content.tips)
    return texts("card-reminder-asked-again" if is_asked_again else "card-reminder-settled")


def _about(texts: Texts, content: ReminderContent) -> Iterator[str]:
    if content.facts:
        when, changed = content.exported_at, len(content.facts)
        yield (
            texts.plural("card-reminder-export", changed, date=texts.day(when))
            if when
            else texts("card-reminder-exports")
        )
        yield texts("reminder-next-corrected")
    elif content.is_private and not content.is_settled:
        yield texts.plural("card-reminder-no-words", content.waiting)
    left = max(len(content.tips), len(content.facts)) - SHOWN
    if left > 0:
        yield texts.plural("card-reminder-facts-left" if content.facts else "card-reminder-tips-left", left)


def _tip_fields(
    texts: Texts, content: ReminderContent, shown: Sequence[RemindedTip], reason: ReminderReason, *, is_plain: bool
) -> Iterator[Field]:
    tips = [tip for tip in shown if tip.reason is reason]
    lines = [_tip_line(texts, content, tip, is_plain=is_plain) for tip in tips]
    waiting = sum(tip.is_open for tip in tips)
    if waiting:
        lines.append((Span(texts.word("reminder-next", reason, n=waiting), Style.QUIET),))
    yield from fields(texts, texts.word("reminder", reason, n=len(tips)), lines)


def _tip_line(texts: Texts, content: ReminderContent, tip: RemindedTip, *, is_plain: bool) -> Line:
    number = texts("card-reminder-number", id=tip.tip_id)
    status = texts.word("tip-status", tip.status)
    if tip.ending is ReminderEnding.ERASED:
        return (Span(f"{number} · {texts.word('reminder-ending', tip.ending)}", Style.QUIET),)
    if tip.ending is not None:
        ending = texts.word("reminder-ending", tip.ending, date=texts.day(tip.ended_at or tip.since))
        return (Span(f"{number} · {status} · {ending}", Style.STRUCK),)
    how = texts("card-reminder-since", status=status, since=texts.day(tip.since))
    line = [_number(number, None if is_plain else tip.url), Span(how)]
    if tip.wished_by is not None:
        line += [Span(texts("card-reminder-wished")), member(tip.wished_by)]
    elif not content.is_private or tip.reason in _OF_OTHERS:
        line += [Span(" · "), member(tip.held_by)]
    return tuple(line)


def _fact_fields(texts: Texts, content: ReminderContent, *, is_plain: bool) -> Iterator[Field]:
    lines = [_fact_line(texts, fact, is_plain=is_plain) for fact in content.facts[:SHOWN]]
    yield from fields(texts, texts.word("reminder", ReminderReason.CORRECTED), lines)


def _fact_line(texts: Texts, fact: RemindedFact, *, is_plain: bool) -> Line:
    return (
        _number(texts("card-reminder-number", id=fact.fact_id), None if is_plain else fact.url),
        Span(texts("card-reminder-became", change=change_in_words(texts, fact), date=texts.day(fact.changed_at))),
    )


def _number(number: str, url: str | None) -> Span:
    """Return a number as it begins a line, leading to the card that shows the thing to all, where one does."""
    return Span(number, Style.STRONG) if url is None else Span(number, url=url)


def change_in_words(texts: Texts, fact: RemindedFact) -> str:
    """Return how a fact was in an export and how it stands now: `vérifié → noté, version 3`."""
    now = texts.word("fact-status", fact.status)
    if fact.is_corrected:
        now = texts("card-reminder-version", status=now, revision=fact.revision)
    return texts("card-reminder-change", was=texts.word("fact-status", fact.was), now=now)


def _buttons(texts: Texts, content: ReminderContent) -> Iterator[Button]:
    """Yield the answers to whether tips are kept; the argument names the newsroom, for there is none in private."""
    asked = [tip for tip in content.tips if tip.is_open and tip.reason in _TO_KEEP]
    if not asked or content.code is None:
        return
    argument = f"{content.guild_id}:{content.code}"
    yield Button(KEEP_TIP, texts("button-reminder-keep"), argument)
    yield Button(ERASE_TIP, texts("button-reminder-erase"), argument)
