"""Refuses handshakes that a page of another site made with the user's own credentials.

Browsers name the page's origin in every WebSocket handshake (RFC 6455, 4.1). For handshakes it does what a CSRF token
does for forms. Whole applications are better wrapped in Channels' ``AllowedHostsOriginValidator`` as well.
"""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.utils.http import is_same_domain
from rest_framework import exceptions
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request

_SAFE = ("GET", "OPTIONS")
# Browsers send the credentials of these schemes by themselves, once the user has entered them (RFC 9110, 11.6.2).
_REMEMBERED = ("basic", "digest", "negotiate", "ntlm")


def check_origin(request: Request) -> None:
    """Refuse what a browser may have sent against its user's will.

    Args:
        request: Of a handshake, after its authentication. Strangers have nothing to lose, and are not refused.

    Raises:
        PermissionDenied: The origin is not this site's, nor one of ``CSRF_TRUSTED_ORIGINS``; or there is none, for a
            session and a method that changes something.
    """
    if request.successful_authenticator is None or not _sent_by_itself(request):
        return
    origin = request.META.get("HTTP_ORIGIN")
    if origin is None:  # no browser, which cannot be made to send anything
        is_session = isinstance(request.successful_authenticator, SessionAuthentication)
        refused = is_session and request.method not in _SAFE
    else:
        refused = not _is_trusted(origin, request)
    if refused:
        raise exceptions.PermissionDenied("The origin of the connection is not allowed.")


def _sent_by_itself(request: Request) -> bool:
    """Whether the credentials may be some that browsers add to any handshake. Other headers pages cannot set."""
    if isinstance(request.successful_authenticator, SessionAuthentication):
        return True
    scheme, _, value = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    if value:
        return scheme.lower() in _REMEMBERED
    return "HTTP_COOKIE" in request.META


def _is_trusted(origin: str, request: Request) -> bool:
    try:
        if origin == f"{request.scheme}://{request.get_host()}":
            return True
        asked = urlsplit(origin)
    except (DisallowedHost, ValueError):
        return False
    return any(_covers(trusted, asked) for trusted in map(urlsplit, settings.CSRF_TRUSTED_ORIGINS))


def _covers(trusted: SplitResult, asked: SplitResult) -> bool:
    """As Django has it for forms, where ``https://*.example.com`` alone stands for more than one origin."""
    if asked.scheme != trusted.scheme or not asked.netloc:
        return False
    if not trusted.netloc.startswith("*."):
        return asked.netloc == trusted.netloc
    domain = trusted.netloc.removeprefix("*")
    # ".", to Django, is the end of every host that is written with a dot at its end: of anybody's.
    return domain != "." and is_same_domain(asked.netloc, domain)
