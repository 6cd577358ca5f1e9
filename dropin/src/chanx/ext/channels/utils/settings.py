"""``chanx.channels.utils.settings`` under its other name."""

from chanx.channels.utils.settings import *
