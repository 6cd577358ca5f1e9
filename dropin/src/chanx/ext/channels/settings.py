"""``chanx.channels.settings`` under its other name."""

from chanx.channels.settings import *
