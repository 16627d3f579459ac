"""What Vigie comes back to by itself: deadlines that come near, awards that are missing; and what people follow."""

from bot.following_up.chore import FollowUp
from bot.following_up.procedures import FOLLOWABLE, Followed, follow, unfollow

__all__ = ["FOLLOWABLE", "FollowUp", "Followed", "follow", "unfollow"]
