"""Who may do what: one table, and the one decision that commands, autocomplete, buttons and forms ask for."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from bot.errors import UserError
from bot.models import Newsroom, WatchItem


class Role(IntEnum):
    """What a member is to the newsroom, each including the ones before it."""

    NOBODY = 0
    REPORTER = 1
    EDITOR = 2
    ADMINISTRATOR = 3


class Action(StrEnum):
    """What can be asked of Vigie; a command's action has the command's name."""

    HELP = "help"
    SETUP = "setup"
    WATCH_ADD = "watch add"
    WATCH_LIST = "watch list"
    WATCH_SHOW = "watch show"
    WATCH_TEST = "watch test"
    WATCH_REMOVE = "watch remove"
    WATCH_RESTORE = "watch restore"
    WATCH_MUTE = "watch mute"
    SOURCE_LIST = "source list"
    SOURCE_SHOW = "source show"
    SOURCE_CHECK = "source check"


@dataclass(frozen=True, slots=True)
class Rule:
    """Say the least role for an action on what others entered, and the least role on one's own."""

    others: Role
    own: Role | None = None


TABLE: dict[Action, Rule] = {
    Action.HELP: Rule(Role.REPORTER),
    Action.SETUP: Rule(Role.ADMINISTRATOR),
    Action.WATCH_ADD: Rule(Role.REPORTER),
    Action.WATCH_LIST: Rule(Role.REPORTER),
    Action.WATCH_SHOW: Rule(Role.REPORTER),
    Action.WATCH_TEST: Rule(Role.REPORTER),
    Action.WATCH_REMOVE: Rule(Role.EDITOR, own=Role.REPORTER),
    Action.WATCH_RESTORE: Rule(Role.EDITOR, own=Role.REPORTER),
    Action.WATCH_MUTE: Rule(Role.REPORTER),
    Action.SOURCE_LIST: Rule(Role.REPORTER),
    Action.SOURCE_SHOW: Rule(Role.REPORTER),
    Action.SOURCE_CHECK: Rule(Role.ADMINISTRATOR),
}
"""DESIGN.md section 4. What is not in the table is refused."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Hold who asks, and from where; `guild_id` is None outside a guild."""

    user_id: int
    guild_id: int | None
    role_ids: frozenset[int] = frozenset()
    is_administrator: bool = False


class AccessError(UserError):
    """Refuse a caller, in words that say whom to ask."""


def role_of(caller: Caller, newsroom: Newsroom | None) -> Role:
    """Return what a caller is to the newsroom of their guild.

    Until a newsroom names its roles only administrators are anything. Raises ValueError for another guild's newsroom.
    """
    if caller.guild_id is None:
        return Role.NOBODY
    if newsroom is not None and newsroom.guild_id != caller.guild_id:
        raise ValueError("a caller is judged by the newsroom of their own guild")
    if caller.is_administrator:
        return Role.ADMINISTRATOR
    if newsroom is None:
        return Role.NOBODY
    if newsroom.editor_role in caller.role_ids:
        return Role.EDITOR
    if newsroom.reporter_role in caller.role_ids:
        return Role.REPORTER
    return Role.NOBODY


def may(role: Role, action: Action | None, *, is_own: bool = False) -> bool:
    """Return whether a role may act; what the table does not hold is refused."""
    rule = TABLE.get(action) if action is not None else None
    if rule is None:
        return False
    least = rule.own if is_own and rule.own is not None else rule.others
    return role >= least


def reach(role: Role, action: Action | None) -> bool:
    """Return whether a role may act at least on what is its own: enough to be offered a command."""
    return may(role, action, is_own=True)


def authorize(
    caller: Caller, newsroom: Newsroom | None, action: Action | None, *, item: WatchItem | None = None
) -> Role:
    """Return the caller's role when they may act, on `item` where one is concerned; raise AccessError otherwise.

    Without an item a command that depends on whose it is passes as if it were the caller's own: ask again with it.
    """
    role = role_of(caller, newsroom)
    if caller.guild_id is None:
        raise AccessError("access-guild-only")
    if item is not None and item.guild_id != caller.guild_id:
        raise AccessError("access-elsewhere")
    is_own = item is None or item.added_by == caller.user_id
    if may(role, action, is_own=is_own):
        return role
    if newsroom is None or (newsroom.reporter_role is None and newsroom.editor_role is None):
        raise AccessError("access-not-set-up")
    if role is Role.NOBODY:
        raise AccessError("access-no-role")
    rule = TABLE.get(action) if action is not None else None
    if rule is None:
        raise AccessError("error-outdated-command")
    if rule.others is Role.ADMINISTRATOR:
        raise AccessError("access-administrators")
    raise AccessError("access-editors")


def allowed(role: Role) -> Collection[Action]:
    """Return what a role may do, in the table's order."""
    return [action for action in TABLE if reach(role, action)]
