"""From a source to what is owed: fetch, parse, store, match, queue (DESIGN.md section 3)."""

from bot.pipeline.poll import Pipeline, PollReport

__all__ = ["Pipeline", "PollReport"]
