"""The CHANSPEC dict."""

import pytest
from django.apps import apps
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings
from django.utils.translation import gettext_lazy

from chanspec.channels.conf import settings
from chanspec.channels.views import AsyncAPIDocView


def test_defaults_are_those_of_the_reference():
    assert settings.TITLE == "WebSocket API"
    assert settings.VERSION == "1.0.0"
    assert settings.CHANNEL_PATH == "/"
    for name in ("SERVERS", "WS_HOST", "WS_PROTOCOL", "AUTH_QUERY_PARAM", "AUTH_COOKIE_NAME"):
        assert getattr(settings, name) is None
    assert settings.TRY_IT_OUT_ENABLED is False
    assert settings.ASYNCAPI_VERSION == "3.0.0"


@pytest.mark.parametrize(
    ("given", "choice"),
    [
        ({}, "off"),
        ({"TRY_IT_OUT": "closed"}, "closed"),
        ({"TRY_IT_OUT": "open"}, "open"),
        ({"TRY_IT_OUT_ENABLED": True}, "closed"),
        ({"TRY_IT_OUT_ENABLED": True, "TRY_IT_OUT_EXPANDED": True}, "open"),
        ({"TRY_IT_OUT_EXPANDED": True}, "off"),
        ({"TRY_IT_OUT": "off", "TRY_IT_OUT_ENABLED": True}, "off"),
    ],
)
def test_the_try_it_out_has_the_words_that_it_has_on_fastapi(given, choice):
    with override_settings(CHANSPEC=given):
        assert AsyncAPIDocView().get_try_it_out() == choice


def test_an_override_holds_for_its_test_only():
    with override_settings(CHANSPEC={"TITLE": "Dispatch API"}):
        assert settings.TITLE == "Dispatch API"
        assert settings.VERSION == "1.0.0"
    assert settings.TITLE == "WebSocket API"


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"TITEL": "x"}, "CHANSPEC['TITEL'] is no setting, did you mean 'TITLE'?"),
        ({"title": "x"}, "CHANSPEC['title'] is no setting, did you mean 'TITLE'?"),
        ({"XYZZY": "x"}, "CHANSPEC['XYZZY'] is no setting."),
        ({"TRY_IT_OUT_ENABLED": "yes"}, "CHANSPEC['TRY_IT_OUT_ENABLED'] is bool, not 'yes'."),
        ({"TRY_IT_OUT": True}, "CHANSPEC['TRY_IT_OUT'] is 'off' or 'closed' or 'open' or None, not True."),
        ({"SERVERS": "localhost"}, "CHANSPEC['SERVERS'] is mapping or None, not 'localhost'."),
        ({"WS_PROTOCOL": "https"}, "CHANSPEC['WS_PROTOCOL'] is 'ws' or 'wss' or None, not 'https'."),
        ({"PERSPECTIVE": "both"}, "CHANSPEC['PERSPECTIVE'] is 'server' or 'client', not 'both'."),
        ({"MESSAGE_ACTION_KEY": ""}, "CHANSPEC['MESSAGE_ACTION_KEY'] is the name of a field, not ''."),
        (
            {"WEBSOCKET_BASE_URL": "localhost:8000"},
            "CHANSPEC['WEBSOCKET_BASE_URL'] is a URL such as 'wss://example.com' or None, not 'localhost:8000'.",
        ),
        (["TITLE"], "CHANSPEC is a dict of settings, not ['TITLE']."),
    ],
)
def test_a_mistake_is_an_error_that_says_what_to_write(given, said):
    with override_settings(CHANSPEC=given), pytest.raises(ImproperlyConfigured) as raised:
        _ = settings.TITLE
    assert str(raised.value) == said


@pytest.mark.django_db  # Django 6.1 looks at the database when it checks a project
def test_a_mistake_is_reported_when_the_project_starts():
    apps.get_app_config("chanspec").ready()  # again, as after a change of the installed apps
    with override_settings(CHANSPEC={"TITEL": "x"}):
        assert [error.msg for error in run_checks() if error.id == "chanspec.E001"] == [
            "CHANSPEC['TITEL'] is no setting, did you mean 'TITLE'?"
        ]


def test_a_title_may_be_a_lazy_translation():
    with override_settings(CHANSPEC={"TITLE": gettext_lazy("Yes")}):
        assert str(settings.TITLE) == "Yes"


def test_an_unknown_attribute_names_the_nearest():
    with pytest.raises(AttributeError, match="did you mean 'SERVERS'"):
        _ = settings.SERVER
