"""Small tools for Django projects."""

from chanx.channels.utils.asgi import get_websocket_application
from chanx.channels.utils.settings import override_chanx_settings

__all__ = ["get_websocket_application", "override_chanx_settings"]
