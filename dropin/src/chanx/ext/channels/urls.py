"""``chanx.channels.urls`` under its other name."""

from chanx.channels.urls import *
