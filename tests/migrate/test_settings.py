"""The dicts of settings, wherever they are."""

from __future__ import annotations

from pathlib import Path
from textwrap import dedent

import pytest

from chanspec.migration.project import migrate
from tests.migrate.conftest import Rewrite

CASES = {
    "the dict": (
        """\
        CHANX = {
            'ASYNCAPI_TITLE': "Chat",  # shown first
            'CAMELIZE': True,
        }
        """,
        """\
        CHANSPEC = {
            'TITLE': "Chat",  # shown first
            'CAMELIZE': True,
        }
        """,
    ),
    "documents that stay the client's": (
        """\
        CHANNELS_SPECTACULAR_SETTINGS = {  # ours
            # the title
            'TITLE': "Rides"
        }
        """,
        """\
        CHANSPEC = {  # ours
            'PERSPECTIVE': 'client',
            # the title
            'TITLE': "Rides"
        }
        """,
    ),
    "a dict in one line": (
        'CHANNELS_SPECTACULAR_SETTINGS: dict = {"TITLE": "Rides"}',
        'CHANSPEC: dict = {"PERSPECTIVE": "client", "TITLE": "Rides"}',
    ),
    "an empty dict": ("CHANNELS_SPECTACULAR_SETTINGS = {}", 'CHANSPEC = {"PERSPECTIVE": "client"}'),
    "a perspective that was chosen": (
        'CHANNELS_SPECTACULAR_SETTINGS = {"PERSPECTIVE": "server"}',
        'CHANSPEC = {"PERSPECTIVE": "server"}',
    ),
    "a dict that is called": (
        'CHANX = dict(ASYNCAPI_TITLE="Chat")\nCHANNELS = 1\n',
        'CHANSPEC = dict(TITLE="Chat")\nCHANNELS = 1\n',
    ),
    "a dict that is called, and stays the client's": (
        'CHANNELS_SPECTACULAR_SETTINGS = dict(TITLE="Rides")',
        'CHANSPEC = dict(PERSPECTIVE="client", TITLE="Rides")',
    ),
    "a dict that is called with another": (
        'CHANNELS_SPECTACULAR_SETTINGS = dict(base, TITLE="Rides")',
        'CHANSPEC = dict(base, PERSPECTIVE="client", TITLE="Rides")',
    ),
    "a dict that is called with another alone": (
        "CHANNELS_SPECTACULAR_SETTINGS = dict(**base)",
        'CHANSPEC = dict(**base, PERSPECTIVE="client")',
    ),
    "dicts that are joined": (
        'CHANNELS_SPECTACULAR_SETTINGS = {"PERSPECTIVE": "server"} | {"TITLE": "Rides"}',
        'CHANSPEC = {"PERSPECTIVE": "server"} | {"TITLE": "Rides"}',
    ),
    "a dict that is declared and filled later": (
        'CHANX: dict\nCHANX |= {"ASYNCAPI_TITLE": "Chat"}\n',
        'CHANSPEC: dict\nCHANSPEC |= {"TITLE": "Chat"}\n',
    ),
    "a method that takes nothing": (
        "for key in settings.CHANX.keys(): ...",
        "for key in settings.CHANSPEC.keys(): ...",
    ),
    "an empty call": ("CHANNELS_SPECTACULAR_SETTINGS = dict()", 'CHANSPEC = dict(PERSPECTIVE="client")'),
    "what is added elsewhere": (
        """\
        from .base import *
        from .base import CHANX
        CHANX["ASYNCAPI_TITLE"] = "Chat"
        CHANX.update({"ASYNCAPI_VERSION": "2"})
        CHANX.update(ASYNCAPI_VERSION="2")
        CHANX |= {"ASYNCAPI_VERSION": "2"}
        CHANX = {**CHANX, "ASYNCAPI_VERSION": "2"}
        CHANX.setdefault("ASYNCAPI_TITLE", "x")
        """,
        """\
        from .base import *
        from .base import CHANSPEC
        CHANSPEC["TITLE"] = "Chat"
        CHANSPEC.update({"VERSION": "2"})
        CHANSPEC.update(VERSION="2")
        CHANSPEC |= {"VERSION": "2"}
        CHANSPEC = {**CHANSPEC, "VERSION": "2"}
        CHANSPEC.setdefault("TITLE", "x")
        """,
    ),
    "an addition to the client's": (
        'import base\nCHANNELS_SPECTACULAR_SETTINGS = {**base.CHANNELS_SPECTACULAR_SETTINGS, "TITLE": "x"}\n',
        'import base\nCHANSPEC = {**base.CHANSPEC, "TITLE": "x"}\n',
    ),
    "what tests override": (
        """\
        @override_settings(CHANX={"ASYNCAPI_TITLE": "Chat"})
        def test(self):
            with self.settings(CHANNELS_SPECTACULAR_SETTINGS={"TITLE": "Rides"}): ...
        """,
        """\
        @override_settings(CHANSPEC={"TITLE": "Chat"})
        def test(self):
            with self.settings(CHANSPEC={"PERSPECTIVE": "client", "TITLE": "Rides"}): ...
        """,
    ),
    "values as pytest's fixture sets them": (
        'def test(settings):\n    settings.CHANX = {"ASYNCAPI_TITLE": "Chat"}\n',
        'def test(settings):\n    settings.CHANSPEC = {"TITLE": "Chat"}\n',
    ),
    "values that are read by key": (
        'from django.conf import settings\nsettings.CHANX["ASYNCAPI_TITLE"]\nsettings.CHANX.get("ASYNCAPI_VERSION")\n',
        'from django.conf import settings\nsettings.CHANSPEC["TITLE"]\nsettings.CHANSPEC.get("VERSION")\n',
    ),
    "a whole configuration": (
        'settings.configure(CHANX={"ASYNCAPI_TITLE": "x"})',
        'settings.configure(CHANSPEC={"TITLE": "x"})',
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_settings_are_rewritten(before: str, after: str, rewrite: Rewrite) -> None:
    migrated = rewrite(before)
    assert migrated.text == dedent(after)
    assert migrated.notes == []
    assert rewrite(migrated.text).text == migrated.text


def test_both_dicts_in_an_override_are_left_for_a_person(rewrite: Rewrite) -> None:
    code = '@override_settings(CHANX={"CAMELIZE": True}, CHANNELS_SPECTACULAR_SETTINGS={})\ndef test(self): ...\n'
    migrated = rewrite(code)
    assert migrated.text == code
    assert migrated.notes == ["1: CHANX and CHANNELS_SPECTACULAR_SETTINGS are one dict here: put both into CHANSPEC"]


def test_two_dicts_of_a_file_become_one(rewrite: Rewrite) -> None:
    migrated = rewrite('CHANX = {"CAMELIZE": True}\nCHANNELS_SPECTACULAR_SETTINGS = {"TITLE": "Rides"}\n')
    assert migrated.text == ('CHANSPEC = {"CAMELIZE": True}\nCHANSPEC |= {"PERSPECTIVE": "client", "TITLE": "Rides"}\n')
    assert [note.partition(" are one dict here")[0] for note in migrated.notes] == [
        "2: CHANX and CHANNELS_SPECTACULAR_SETTINGS"
    ]


def test_a_second_dict_that_cannot_be_joined_to_the_first_is_noted(rewrite: Rewrite) -> None:
    first = 'CHANX = {"CAMELIZE": True}\n'
    migrated = rewrite(first + 'CHANNELS_SPECTACULAR_SETTINGS: dict = {"PERSPECTIVE": "server"}\n')
    assert migrated.text == 'CHANSPEC = {"CAMELIZE": True}\nCHANSPEC: dict = {"PERSPECTIVE": "server"}\n'
    assert migrated.notes == ["2: CHANX and CHANNELS_SPECTACULAR_SETTINGS are one dict here: put both into CHANSPEC"]


def test_two_dicts_of_two_files_are_noted(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text('CHANX = {"CAMELIZE": True}\n')
    (tmp_path / "b.py").write_text('CHANNELS_SPECTACULAR_SETTINGS = {"TITLE": "Rides"}\n')
    first, second = migrate([tmp_path])
    assert first.new == b'CHANSPEC = {"CAMELIZE": True}\n'
    assert first.notes == []
    assert [note.text for note in second.notes] == [
        f"CHANX in {first.path} became CHANSPEC too: put both into one dict"
    ]


@pytest.mark.parametrize(
    ("code", "note"),
    [
        ('CHANX = {"ASYNCAPI_DOCS_JS_URL": "x"}', "CHANX['ASYNCAPI_DOCS_JS_URL'] has no counterpart in CHANSPEC"),
        ("CHANX = load()", "this becomes part of CHANSPEC; see that its keys are chanspec's"),
        ("CHANX = {key: 1}", "a key of CHANSPEC; see that it is one of chanspec's"),
        ("x = settings.CHANX", "reads settings.CHANSPEC now, whose keys are chanspec's"),
        ("getattr(settings, 'CHANX', {})", "CHANX is called CHANSPEC here, with chanspec's keys"),
        ("CHANX = {} | other", "this becomes part of CHANSPEC; see that its keys are chanspec's"),
        ("check(f'see chanx.core of {x}')", "a text names chanx"),
        ("f(CHANX=1)", "an argument is named CHANX"),
    ],
)
def test_what_cannot_be_seen_is_noted(code: str, note: str, rewrite: Rewrite) -> None:
    [found] = rewrite(code).notes
    assert found.startswith(f"1: {note}")


class TestInstalledApps:
    def test_an_app_without_a_dict_keeps_its_perspective(self, rewrite: Rewrite) -> None:
        migrated = rewrite('INSTALLED_APPS = [\n    "a",\n    "channels_spectacular",  # docs\n]  # all\nX = 1\n')
        assert migrated.text == (
            'INSTALLED_APPS = [\n    "a",\n    "chanspec.channels",  # docs\n]  # all\n'
            'CHANSPEC = {"PERSPECTIVE": "client"}\nX = 1\n'
        )

    def test_two_packages_in_an_override_are_one_app(self, rewrite: Rewrite) -> None:
        migrated = rewrite('run(INSTALLED_APPS=["chanx", "channels_spectacular", "x"], CHANSPEC={})\n')
        assert migrated.text == 'run(INSTALLED_APPS=["chanspec.channels", "x"], CHANSPEC={})\n'

    def test_names_of_apps_in_other_lists_are_noted(self, rewrite: Rewrite) -> None:
        code = 'names = lambda: ["chanx", "channels_spectacular"]\n'
        migrated = rewrite(code)
        assert migrated.text == code
        assert [note[:16] for note in sorted(migrated.notes)] == ["1: 'channels_spe", "1: 'chanx' is a "]

    def test_with_a_dict_elsewhere_nothing_is_added(self, rewrite: Rewrite) -> None:
        migrated = rewrite('INSTALLED_APPS += ["channels_spectacular"]\n', b="CHANNELS_SPECTACULAR_SETTINGS = {}\n")
        assert migrated.text == 'INSTALLED_APPS += ["chanspec.channels"]\n'

    def test_beside_settings_of_ours_it_is_noted(self, rewrite: Rewrite) -> None:
        migrated = rewrite('INSTALLED_APPS = ["channels_spectacular"]\nCHANSPEC = {}\n')
        assert migrated.text == 'INSTALLED_APPS = ["chanspec.channels"]\nCHANSPEC = {}\n'
        assert len(migrated.notes) == 1

    def test_beside_another_dict_it_is_noted(self, rewrite: Rewrite) -> None:
        migrated = rewrite('INSTALLED_APPS = ["channels_spectacular"]\n', b="CHANX = {}\n")
        assert migrated.text == 'INSTALLED_APPS = ["chanspec.channels"]\n'
        assert migrated.notes == [
            '1: add "PERSPECTIVE": "client" to CHANSPEC, so that documents of actions and events stay as they were'
        ]

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ('INSTALLED_APPS.append("chanx.channels")', 'INSTALLED_APPS.append("chanspec.channels")'),
            ("THIRD_PARTY_APPS = ('chanx', )", "THIRD_PARTY_APPS = ('chanspec.channels', )"),
            ('INSTALLED_APPS = A + ["chanx.ext.channels"]', 'INSTALLED_APPS = A + ["chanspec.channels"]'),
            (
                'INSTALLED_APPS = ["chanx.channels.apps.ChanxChannelsConfig"]',
                'INSTALLED_APPS = ["chanspec.channels.apps.ChanspecConfig"]',
            ),
            (
                'INSTALLED_APPS = [\n    "chanx.channels",\n    "a",\n    "chanspec.channels",\n]',
                'INSTALLED_APPS = [\n    "chanspec.channels",\n    "a",\n]',
            ),
            (
                'INSTALLED_APPS = ["a", "chanx", "chanx.channels", "chanx.ext.channels", "b"]',
                'INSTALLED_APPS = ["a", "chanspec.channels", "b"]',
            ),
        ],
    )
    def test_an_app_is_rewritten_wherever_it_is_added(self, before: str, after: str, rewrite: Rewrite) -> None:
        assert rewrite(before).text == after


class TestStrings:
    @pytest.mark.parametrize(
        ("before", "after"),
        [
            (
                'mock.patch("chanx.core.testing.capture_broadcast_events")',
                '"chanspec.testing.capture_broadcast_events"',
            ),
            (
                "import_string('channels_spectacular.views:AsyncAPIDocView')",
                "'chanspec.channels.views:AsyncAPIDocView'",
            ),
            (
                'mock.patch("chanx.channels.websocket.AsyncJsonWebsocketConsumer.close")',
                '"chanspec.channels.websocket.AsyncJsonWebsocketConsumer.close"',
            ),
            ('import_module(r"chanx.core.decorators")', 'r"chanspec.decorators"'),
        ],
    )
    def test_a_dotted_name_is_rewritten(self, before: str, after: str, rewrite: Rewrite) -> None:
        migrated = rewrite(before)
        assert migrated.text == f"{before.partition('(')[0]}({after})"
        assert migrated.notes == []

    @pytest.mark.parametrize(
        ("code", "note"),
        [
            ('path("ws/", include("chanx.channels.urls"))', "'chanx.channels.urls': write path("),
            ('LOGGING = {"loggers": {"chanx": {}}}', "'chanx' is a text; if it is a module, an app or a logger"),
            ('x = "see chanx for more"', "a text names chanx"),
            ('x = f"chanx.{name}"', "a text names chanx"),
            ('install_requires = ["django-channels-spectacular>=0.1"]', "a text names django-channels-spectacular"),
        ],
    )
    def test_what_may_be_anything_is_noted(self, code: str, note: str, rewrite: Rewrite) -> None:
        migrated = rewrite(code + "  # chanx\n")
        assert migrated.text == code + "  # chanx\n"
        [found] = migrated.notes
        assert found.startswith(f"1: {note}")

    def test_docstrings_and_comments_are_nobody_s_business(self, rewrite: Rewrite) -> None:
        migrated = rewrite('"""Once this was chanx."""\n# and chanx.core.decorators too\n')
        assert migrated.notes == []
