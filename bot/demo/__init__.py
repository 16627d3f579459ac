"""The demonstration: the whole real pipeline and the team's log, with no Discord account and no network."""

from __future__ import annotations

from bot.demo.story import run_demo

__all__ = ["run_demo"]
