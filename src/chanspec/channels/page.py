"""Where the docs page's template and files come from, in projects of every make."""

from __future__ import annotations

import logging
from functools import cache
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


def asset_url(name: str) -> str:
    """The address of one of the page's files: the collected static file, else the page's own view.

    An address of the form ``?asset=…`` is relative to the page.
    """
    static = f"chanspec/{name}"
    return staticfiles_storage.url(static) if _is_collected(static, name) else f"?asset={name}"


@cache
def _is_collected(static: str, name: str) -> bool:
    """Whether ``collectstatic`` ran, with this release's files. Until then static files may or may not be served."""
    if not (apps.is_installed("django.contrib.staticfiles") and apps.is_installed("chanspec.channels")):
        return False
    try:
        return staticfiles_storage.exists(static) and staticfiles_storage.size(static) == len(
            viewer.asset(name).content
        )
    except Exception:  # storages of any make: a missing STATIC_ROOT, an unreachable bucket
        logger.debug("Static files could not be asked for %s", static, exc_info=True)
        return False
