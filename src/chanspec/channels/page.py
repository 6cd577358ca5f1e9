"""Where the docs page's template and files come from, in projects of every make."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.apps import apps
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest
from django.template import Context, Engine, TemplateDoesNotExist
from django.template.loader import render_to_string

from chanspec import viewer

TEMPLATE = "chanspec/docs.html"

logger = logging.getLogger("chanspec")


def render(template_name: str, context: dict[str, Any], request: HttpRequest) -> str:
    """Render a template of the project; the page's own also where the project does not install the app."""
    try:
        return render_to_string(template_name, context, request)
    except TemplateDoesNotExist:
        if template_name != TEMPLATE:
            raise
    engine = Engine(dirs=[str(Path(__file__).parent / "templates")])
    return engine.get_template(TEMPLATE).render(Context(context))


@dataclass(frozen=True, slots=True)
class AssetUrls:
    """Where the page's files are served: first choice, and what is certain where that is not."""

    first: Callable[[str], str]
    spare: Callable[[str], str] | None = None


def asset_urls() -> AssetUrls:
    """The collected static files, with the page's own view to fall back on; or that view alone.

    Whether static files are really served cannot be known here: a web server in front may do that, or nobody.
    """
    return AssetUrls(_static_url, _own_url) if _are_collected() else AssetUrls(_own_url)


def _own_url(name: str) -> str:
    return f"?asset={name}"  # relative to the page


def _static_url(name: str) -> str:
    url: str = staticfiles_storage.url(f"chanspec/{name}")
    return url


def _are_collected() -> bool:
    """Whether ``collectstatic`` ran, with this release's files."""
    if not (apps.is_installed("django.contrib.staticfiles") and _is_app_installed()):
        return False
    return _is_collected(viewer.asset("docs.js").version)


def _is_app_installed() -> bool:
    """Whether an app, of whatever name, brings this directory's templates and static files."""
    return any(Path(app.path) == Path(__file__).parent for app in apps.get_app_configs())


@lru_cache(maxsize=2)
def _is_collected(version: str) -> bool:
    script = viewer.asset("docs.js")
    try:
        with staticfiles_storage.open("chanspec/docs.js") as collected:
            return bool(collected.read() == script.content)
    except Exception:  # storages of any make: a missing STATIC_ROOT, an unreachable bucket
        logger.debug("Static files could not be asked for version %s of the docs page", version, exc_info=True)
        return False
