"""What polls of a source brought, in words: each number with the form that it asks for."""

from __future__ import annotations

from bot.locales import Texts


def read_in_words(texts: Texts, read: int, new: int, changed: int) -> str:
    """Return how many notices a poll read, how many of them it had never seen and how many had changed."""
    counts = {"new": texts.plural("notices-new", new), "changed": texts.plural("notices-changed", changed)}
    return texts.plural("operations-check-read", read, **counts)


def usual_in_words(texts: Texts, polls: int, read: int, new: int) -> str:
    """Return how many notices a poll usually reads, and how many of them are new, judged by so many polls."""
    counts = {"read": texts.plural("notices-read", read), "new": texts.plural("notices-new", new)}
    return texts.plural("source-usual", polls, **counts)
