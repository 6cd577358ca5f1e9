"""``chanx.channels.utils`` under its other name."""

from chanx.channels.utils import *
