"""The start page, and tokens for clients without a session."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from dispatch import rides, tokens
from dispatch.chat import tell_arrived


@never_cache
def index(request: HttpRequest) -> HttpResponse:
    """What there is to see, and for a logged-in user the live panel."""
    driver = rides.driver_of(request.user) if request.user.is_authenticated else None
    return render(request, "dispatch/index.html", {"driver": driver})


@never_cache
@login_required
def token(request: HttpRequest) -> HttpResponse:
    """A new token for the logged-in user: a page, or JSON for a client that asks for it."""
    if request.method != "POST":  # back from logging in
        return redirect("index")
    issued = tokens.issue(request.user)
    seconds = int(settings.TOKEN_LIFETIME.total_seconds())
    if request.accepts("text/html"):
        scheme = "wss" if request.is_secure() else "ws"
        url = f"{scheme}://{request.get_host()}/ws/dispatch/?token={issued}"
        origin = f"{request.scheme}://{request.get_host()}"
        context = {"token": issued, "url": url, "origin": origin, "minutes": seconds // 60}
        return render(request, "dispatch/token.html", context)
    return JsonResponse({"token": issued, "expires_in": seconds, "docs": reverse("docs")})


@login_required
@require_POST
def arrived(request: HttpRequest, ride_id: UUID) -> JsonResponse:
    """The driver says over HTTP that they are there; whoever is in the ride's chat hears it over the WebSocket."""
    try:
        ride = rides.driven_by(request.user, ride_id)
    except rides.RefusedError as error:
        return JsonResponse({"detail": str(error)}, status=404)
    tell_arrived(ride)
    return JsonResponse({"ride_id": str(ride.pk)})
