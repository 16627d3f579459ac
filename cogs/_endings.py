"""Every way in which a request to Discord can end badly, as the delivery understands it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from typing import Final

import aiohttp
import discord

from bot.delivery import (
    DeliveryError,
    IsForumError,
    MessageGoneError,
    RefusedError,
    ThreadClosedError,
    ThreadForbiddenError,
    ThreadsFullError,
    TooManyRequestsError,
    UnreachableError,
)

UNKNOWN_CHANNEL: Final = 10003
UNKNOWN_MESSAGE: Final = 10008
TAG_REQUIRED: Final = 40067
MISSING_PERMISSIONS: Final = 50013
WRONG_KIND_OF_CHANNEL: Final = 50024
THREAD_ARCHIVED: Final = 50083
THREAD_THERE: Final = 160004
THREAD_LOCKED: Final = 160005
TOO_MANY_THREADS: Final = frozenset({160006, 160007})
"""What Discord answers with (docs: topics/opcodes-and-status-codes)."""
FRONT_END_PAUSE_S: Final = 30.0

Meaning = Callable[[discord.HTTPException], DeliveryError | None]
"""What an answer means for one kind of request; None where it means what it means for all."""


@contextmanager
def endings(client: discord.Client, meaning: Meaning = lambda _: None) -> Iterator[None]:
    """Turn every way in which a request can end badly into a DeliveryError of the right kind."""
    try:
        yield
    except discord.RateLimited as error:
        raise TooManyRequestsError(error.retry_after) from error
    except discord.HTTPException as error:
        raise meaning(error) or _ending_of(error) from error
    except (aiohttp.ClientError, OSError, ValueError) as error:
        # A connection that breaks, or an answer that cannot be read, leaves open whether the message was made.
        raise DeliveryError(f"{type(error).__name__}: {error}") from error
    except RuntimeError as error:
        if not client.is_closed():
            raise
        # aiohttp's word for a session that was closed under a request: we leave while something is being sent.
        raise DeliveryError(str(error)) from error


def of_thread(error: discord.HTTPException) -> DeliveryError | None:
    """Say what an answer means for what is done in a thread, which reopens, while its channel is there."""
    if error.code in TOO_MANY_THREADS:
        return ThreadsFullError()
    if error.code in {THREAD_LOCKED, THREAD_ARCHIVED}:
        return ThreadClosedError("locked")
    if error.code == UNKNOWN_CHANNEL:
        return ThreadClosedError("deleted")
    return ThreadForbiddenError(str(error)) if error.code == MISSING_PERMISSIONS else None


def of_reading(error: discord.HTTPException) -> DeliveryError | None:
    """Say what an answer means for a thread that is read while its channel is there."""
    return ThreadClosedError("deleted") if error.code == UNKNOWN_CHANNEL else None


def of_opening(error: discord.HTTPException) -> DeliveryError | None:
    """Say what an answer means for the thread of a message that is opened."""
    if error.code in TOO_MANY_THREADS:
        return ThreadsFullError()
    if error.code == UNKNOWN_MESSAGE:
        return ThreadClosedError("without its message")
    return ThreadForbiddenError(str(error)) if error.code == MISSING_PERMISSIONS else None


def of_post(error: discord.HTTPException) -> DeliveryError | None:
    """Say what an answer means for a post of a forum that is made."""
    if error.code in TOO_MANY_THREADS:
        return ThreadsFullError()
    return ThreadForbiddenError(str(error)) if error.code in {MISSING_PERMISSIONS, TAG_REQUIRED} else None


def _ending_of(error: discord.HTTPException) -> DeliveryError:
    """Say what an answer of Discord means; a refusal without a code is a page of its front end, and means nothing."""
    if error.status == HTTPStatus.BAD_REQUEST:
        return IsForumError(str(error)) if error.code == WRONG_KIND_OF_CHANNEL else RefusedError(str(error))
    if error.status == HTTPStatus.TOO_MANY_REQUESTS:
        return TooManyRequestsError(FRONT_END_PAUSE_S)
    if error.status == HTTPStatus.FORBIDDEN and error.code:
        return UnreachableError("forbidden")
    if error.status == HTTPStatus.NOT_FOUND and error.code:
        return MessageGoneError(str(error)) if error.code == UNKNOWN_MESSAGE else UnreachableError("deleted")
    return DeliveryError(str(error))
