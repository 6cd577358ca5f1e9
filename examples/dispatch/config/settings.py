"""Settings of the dispatch example: SQLite, an in-memory channel layer, everything on one machine.

Whatever must differ elsewhere comes from the environment; the values here are for a demonstration.
"""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent

DEBUG = os.environ.get("DISPATCH_DEBUG", "1") == "1"
SECRET_KEY = os.environ.get("DISPATCH_SECRET_KEY", "")
if not SECRET_KEY:
    if not DEBUG:
        raise ImproperlyConfigured("Set DISPATCH_SECRET_KEY to a long random value, or DISPATCH_DEBUG=1.")
    SECRET_KEY = "only-for-the-demonstration-on-this-machine-never-elsewhere"
ALLOWED_HOSTS = os.environ.get("DISPATCH_HOSTS", "127.0.0.1,localhost,[::1]").split(",")

INSTALLED_APPS = [
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "channels",
    "chanspec.channels",
    "dispatch",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "dispatch.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
ROOT_URLCONF = "config.urls"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
            ]
        },
    }
]

DATABASES = {
    "default": {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": os.environ.get("DISPATCH_DATABASE", BASE_DIR / "demo.sqlite3"),
        # Writers queue for the file instead of failing at once.
        "OPTIONS": {"timeout": 20, "transaction_mode": "IMMEDIATE"},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}

LOGIN_URL = "login"
LOGIN_REDIRECT_URL = LOGOUT_REDIRECT_URL = "index"
TOKEN_LIFETIME = timedelta(minutes=10)

# Whether the dispatch API also sends a wrong message when it is asked to; see dispatch/drift.py.
DEMO_DRIFT = os.environ.get("DEMO_DRIFT", "") == "1"

USE_TZ = True
STATIC_URL = "static/"

# All that the pages need, the docs page included, comes from here.
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

CHANSPEC = {
    "TITLE": "Dispatch API",
    "VERSION": "1.0.0",
    "DESCRIPTION": (
        "Ride dispatch over WebSockets. A rider requests a ride, drivers are told and make offers,"
        " the rider accepts one.\n\n"
        "Connect with the session cookie of a logged-in user, or with a short-lived token in the query:"
        " `/ws/dispatch/?token=…`. Without either, the connection is closed with code `4401`."
    ),
    "AUTH_QUERY_PARAM": "token",
    "AUTH_COOKIE_NAME": "sessionid",
    # The docs page connects and sends: a demonstration is there to be tried.
    "TRY_IT_OUT": "closed",
}
