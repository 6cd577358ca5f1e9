"""Middleware: a token in the query authenticates a WebSocket; a policy tells browsers what pages may load."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from channels.db import database_sync_to_async
from channels.middleware import BaseMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse

from dispatch import tokens


class QueryTokenAuthMiddleware(BaseMiddleware):
    """Put the user of ``?token=…`` into the scope.

    Without a token the user of the session stays; a bad token is never replaced by the session's user.
    """

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> Any:
        query = parse_qs(scope["query_string"].decode("latin-1"))
        if "token" in query:
            user = await database_sync_to_async(tokens.user_of)(query["token"][-1])
            scope = {**scope, "user": user}
        return await super().__call__(scope, receive, send)


def content_security_policy(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Send ``settings.CONTENT_SECURITY_POLICY`` with every page (Django 6 has this built in)."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response

    return middleware
