"""``chanx.channels.utils.asgi`` under its other name."""

from chanx.channels.utils.asgi import *
