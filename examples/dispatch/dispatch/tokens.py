"""Short-lived tokens for clients that cannot send the session cookie.

A token travels in a URL, which servers log: it opens WebSockets only, and not for long.
"""

from __future__ import annotations

from datetime import UTC, datetime

import jwt
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser, AnonymousUser

_ALGORITHM = "HS256"
_AUDIENCE = "dispatch-websocket"


def issue(user: AbstractUser) -> str:
    """A signed token that names the user until ``settings.TOKEN_LIFETIME`` has passed."""
    now = datetime.now(UTC)
    claims = {"sub": str(user.pk), "aud": _AUDIENCE, "iat": now, "exp": now + settings.TOKEN_LIFETIME}
    return jwt.encode(claims, settings.SECRET_KEY, algorithm=_ALGORITHM)


def user_of(token: str) -> AbstractUser | AnonymousUser:
    """The active user a token names; anonymous for a forged, expired or orphaned one."""
    try:
        claims = jwt.decode(
            token,
            settings.SECRET_KEY,
            algorithms=[_ALGORITHM],
            audience=_AUDIENCE,
            options={"require": ["sub", "exp", "aud"]},
        )
    except jwt.InvalidTokenError:
        return AnonymousUser()
    user = get_user_model().objects.filter(pk=claims["sub"], is_active=True).first()
    return user or AnonymousUser()
