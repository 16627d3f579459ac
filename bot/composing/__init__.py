"""From the references that an announcement keeps to the card that it shows."""

from bot.composing.cards import Composed, compose, fact_content, labels, texts_of, tip_content
from bot.composing.digest import details_of

__all__ = ["Composed", "compose", "details_of", "fact_content", "labels", "texts_of", "tip_content"]
