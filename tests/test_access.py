"""The table of access, as data: role by action, own and others', no newsroom, another guild."""

from __future__ import annotations

import pytest

from bot.access import TABLE, AccessError, Action, Caller, Role, allowed, authorize, may, reach, role_of
from bot.models import ItemKind, Newsroom, WatchItem

GUILD, OTHER_GUILD = 10, 20
REPORTERS, EDITORS = 1, 2
ME, SOMEBODY = 100, 200
NEWSROOM = Newsroom(
    guild_id=GUILD, language="fr", timezone="Europe/Paris", reporter_role=REPORTERS, editor_role=EDITORS
)
OTHER_NEWSROOM = Newsroom(guild_id=OTHER_GUILD, language="fr", timezone="Europe/Paris", reporter_role=REPORTERS)
WITHOUT_ROLES = Newsroom(guild_id=GUILD, language="fr", timezone="Europe/Paris")

PEOPLE = {
    "stranger": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({99})),
    "reporter": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({99, REPORTERS})),
    "editor": Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({EDITORS})),
    "administrator": Caller(user_id=ME, guild_id=GUILD, is_administrator=True),
}

#                       stranger reporter editor administrator, on what others entered
ON_OTHERS = {
    "help":              (False, True, True, True),
    "setup":             (False, False, False, True),
    "watch add":         (False, True, True, True),
    "watch list":        (False, True, True, True),
    "watch show":        (False, True, True, True),
    "watch test":        (False, True, True, True),
    "watch remove":      (False, False, True, True),
    "watch restore":     (False, False, True, True),
    "watch mute":        (False, True, True, True),
    "source list":       (False, True, True, True),
    "source show":       (False, True, True, True),
    "source check":      (False, False, False, True),
}  # fmt: skip
ON_OWN = ON_OTHERS | {"watch remove": (False, True, True, True), "watch restore": (False, True, True, True)}


def item(added_by: int, guild_id: int = GUILD) -> WatchItem:
    return WatchItem(kind=ItemKind.COMPANY, name="Axon", id=1, guild_id=guild_id, added_by=added_by)


def is_let(who: str, action: str, added_by: int) -> bool:
    try:
        authorize(PEOPLE[who], NEWSROOM, Action(action), item=item(added_by))
    except AccessError:
        return False
    return True


def test_the_table_holds_every_action_and_no_other() -> None:
    assert {action.value for action in TABLE} == set(ON_OTHERS)
    assert set(TABLE) == set(Action)


@pytest.mark.parametrize("action", ON_OTHERS)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what_with_what_others_entered(who: str, action: str) -> None:
    assert is_let(who, action, SOMEBODY) == ON_OTHERS[action][list(PEOPLE).index(who)]


@pytest.mark.parametrize("action", ON_OWN)
@pytest.mark.parametrize("who", PEOPLE)
def test_who_may_do_what_with_their_own(who: str, action: str) -> None:
    assert is_let(who, action, ME) == ON_OWN[action][list(PEOPLE).index(who)]


@pytest.mark.parametrize("action", Action)
@pytest.mark.parametrize("who", PEOPLE)
def test_what_depends_on_whose_it_is_passes_at_first_for_those_who_may_on_their_own(who: str, action: Action) -> None:
    caller = PEOPLE[who]
    let = ON_OWN[action][list(PEOPLE).index(who)]
    assert reach(role_of(caller, NEWSROOM), action) == let
    if let:
        authorize(caller, NEWSROOM, action)
    else:
        with pytest.raises(AccessError):
            authorize(caller, NEWSROOM, action)


@pytest.mark.parametrize("role", Role)
def test_what_the_table_does_not_hold_is_refused_to_everybody(role: Role) -> None:
    assert not may(role, None, is_own=True)


@pytest.mark.parametrize(("who", "text"), [("stranger", "access-no-role"), ("administrator", "error-outdated-command")])
def test_an_unknown_command_is_refused_with_what_to_do(who: str, text: str) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], NEWSROOM, None)
    assert refused.value.text == text


@pytest.mark.parametrize("newsroom", [None, WITHOUT_ROLES])
@pytest.mark.parametrize("who", ["stranger", "reporter", "editor"])
def test_until_roles_are_named_only_administrators_may_do_anything(who: str, newsroom: Newsroom | None) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], newsroom, Action.HELP)
    assert refused.value.text == "access-not-set-up"


@pytest.mark.parametrize("newsroom", [None, WITHOUT_ROLES])
def test_an_administrator_needs_no_newsroom(newsroom: Newsroom | None) -> None:
    assert authorize(PEOPLE["administrator"], newsroom, Action.SETUP) is Role.ADMINISTRATOR


@pytest.mark.parametrize("action", Action)
def test_outside_a_guild_everything_is_refused(action: Action) -> None:
    outside = Caller(user_id=ME, guild_id=None, role_ids=frozenset({EDITORS}), is_administrator=True)
    with pytest.raises(AccessError) as refused:
        authorize(outside, None, action)
    assert refused.value.text == "access-guild-only"


@pytest.mark.parametrize("action", Action)
def test_another_guilds_item_is_refused_even_to_who_entered_it(action: Action) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE["administrator"], NEWSROOM, action, item=item(ME, OTHER_GUILD))
    assert refused.value.text == "access-elsewhere"


def test_a_caller_is_never_judged_by_another_guilds_newsroom() -> None:
    with pytest.raises(ValueError, match="own guild"):
        role_of(PEOPLE["reporter"], OTHER_NEWSROOM)


def test_each_role_includes_the_ones_before_it() -> None:
    for lesser, greater in ((Role.NOBODY, Role.REPORTER), (Role.REPORTER, Role.EDITOR), (Role.EDITOR, 3)):
        assert set(allowed(lesser)) <= set(allowed(Role(greater)))


def test_one_who_has_both_roles_is_an_editor() -> None:
    both = Caller(user_id=ME, guild_id=GUILD, role_ids=frozenset({REPORTERS, EDITORS}))
    assert role_of(both, NEWSROOM) is Role.EDITOR


def test_nobody_is_allowed_nothing() -> None:
    assert list(allowed(Role.NOBODY)) == []


@pytest.mark.parametrize(
    ("who", "action", "text"),
    [
        ("stranger", Action.WATCH_LIST, "access-no-role"),
        ("editor", Action.SETUP, "access-administrators"),
        ("reporter", Action.WATCH_REMOVE, "access-editors"),
    ],
)
def test_a_refusal_says_whom_to_ask(who: str, action: Action, text: str) -> None:
    with pytest.raises(AccessError) as refused:
        authorize(PEOPLE[who], NEWSROOM, action, item=item(SOMEBODY))
    assert refused.value.text == text
