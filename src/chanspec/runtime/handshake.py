"""What happens before a connection is anybody's: authentication, its message, and the refusal.

Nothing of the consumer runs here, and no frame of the client's is received: what it sends behind its handshake stays
unread until it is known who sent it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from pydantic import BaseModel

from chanspec.messages import AuthenticationMessage, AuthenticationPayload
from chanspec.runtime import log
from chanspec.runtime.authenticator import UNAUTHENTICATED, BaseAuthenticator, status_text
from chanspec.runtime.outbox import Disconnected

if TYPE_CHECKING:
    from chanspec.runtime.connection import Connection

TIMEOUT, FAILURE = 408, 500


async def authenticate(connection: Connection) -> bool:
    """Run the consumer's authenticator, if it has one, and close a connection that it refuses.

    The refusal is sent as a message and as the close code, which a client sees only on an accepted connection; so a
    refused one is accepted first.
    """
    plan = connection.plan
    if plan.authenticator is None:
        return True
    authenticator = plan.authenticator(_sender(connection))
    authenticator.scope = connection.scope
    connection.consumer.authenticator = authenticator
    if await _decision(connection, authenticator):
        connection.consumer._authenticated()
        return True
    try:
        await connection.accept_early()
        await send_outcome(connection, authenticator.status_code or UNAUTHENTICATED)
    except Disconnected:
        log.logger.debug("%s: the client was gone before it was refused", plan.where)
    else:
        connection.end_with(authenticator.close_code)
    return False


async def send_outcome(connection: Connection, status: int) -> None:
    """Send the authentication message, where there is an authenticator and the settings do not forbid it."""
    authenticator = connection.consumer.authenticator
    if authenticator is None or not connection.plan.settings.send_authentication_message:
        return
    payload = AuthenticationPayload(status_code=status, status_text=status_text(status), data=authenticator.data)
    await connection.write(AuthenticationMessage(payload=payload))


async def _decision(connection: Connection, authenticator: BaseAuthenticator) -> bool:
    where = f"{type(authenticator).__module__}:{type(authenticator).__qualname__}"
    arguments = (connection.scope,) if connection.plan.authenticate_with_scope else ()
    limit = asyncio.timeout(connection.plan.settings.authentication_timeout)
    try:
        async with limit:
            return bool(await connection.cared(authenticator.authenticate, *arguments))
    except Disconnected:
        authenticator.status_code = UNAUTHENTICATED
    except Exception as error:
        if limit.expired() and isinstance(error, TimeoutError):
            log.logger.warning("%s took too long; the connection is refused", where, extra=connection.log_fields())
            authenticator.status_code = TIMEOUT
        else:
            log.logger.error("%s failed", where, exc_info=error, extra=connection.log_fields())
            authenticator.status_code = FAILURE
    return False


def _sender(connection: Connection) -> Callable[[BaseModel], Awaitable[None]]:
    async def send_message(message: BaseModel) -> None:
        """Send a message to a client that is being authenticated."""
        await connection.accept_early()
        await connection.write(message)

    return send_message
