"""``chanx.channels.testing`` under its other name."""

from chanx.channels.testing import *
