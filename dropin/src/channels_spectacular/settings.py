"""``CHANNELS_SPECTACULAR_SETTINGS``: its keys are those of ``CHANSPEC``, and documents are a client's by default."""

from chanspec.channels.conf import Settings, settings

__all__ = ["spectacular_settings"]

spectacular_settings = Settings("CHANNELS_SPECTACULAR_SETTINGS", defaults={"PERSPECTIVE": "client"}, spare=settings)
