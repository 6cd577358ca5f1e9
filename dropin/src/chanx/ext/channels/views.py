"""``chanx.channels.views`` under its other name."""

from chanx.channels.views import *
