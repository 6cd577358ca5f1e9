"""Other settings for a test."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.test import override_settings

__all__ = ["override_chanx_settings", "settings_context"]


def override_chanx_settings(**values: Any) -> override_settings:
    """Return a decorator, and context manager, under which ``CHANX`` has these values too."""
    return override_settings(CHANX={**getattr(settings, "CHANX", {}), **values})


settings_context = override_chanx_settings
