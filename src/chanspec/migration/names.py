"""What the import names and settings of the packages that are migrated from are called here. Data, and its look-up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

ROOTS = frozenset({"channels_spectacular", "chanx"})
"""The import names that are migrated from."""

APP = "chanspec.channels"
"""What stands in ``INSTALLED_APPS``."""

APPS = frozenset({"channels_spectacular", "chanx", "chanx.channels", "chanx.ext.channels"})
"""What stood there, besides dotted names of application configurations."""

SETTINGS = "CHANSPEC"
"""The dict of settings."""

CHANX_KEYS = {
    "ASYNCAPI_TITLE": "TITLE",
    "ASYNCAPI_DESCRIPTION": "DESCRIPTION",
    "ASYNCAPI_VERSION": "VERSION",
    "ASYNCAPI_SERVER_URL": "WS_HOST",
    "ASYNCAPI_SERVER_PROTOCOL": "WS_PROTOCOL",
    "ASYNCAPI_SERVERS": "SERVERS",
}
"""What ``CHANX`` calls a setting, where that is not its name in ``CHANSPEC``."""

CONFIG_KEYS: Mapping[str, str | None] = {
    "server_url": "host",
    "server_protocol": "protocol",
    **dict.fromkeys(
        ("camelize", "security_schemes", "docs_js_url", "docs_css_url", "docs_js_integrity", "docs_css_integrity")
    ),
}
"""What chanx calls an option of its endpoints' ``config``, where that is not its name here; None where it is not
needed: consumers know whether they camelize and what they authenticate by, and the page has its own files."""

KEYS: Mapping[str, Mapping[str, str]] = {"CHANX": CHANX_KEYS, "CHANNELS_SPECTACULAR_SETTINGS": {}}
"""The dicts of settings that are migrated, with the keys that are called otherwise here."""

DEFAULTS: Mapping[str, Mapping[str, str]] = {"CHANX": {}, "CHANNELS_SPECTACULAR_SETTINGS": {"PERSPECTIVE": "client"}}
"""Settings that a dict needs to mean what it meant."""


@dataclass(frozen=True, slots=True)
class Module:
    """A module that is migrated.

    Attributes:
        to: The module that it is here; None where its names are in several, or in none.
        names: What it exports: the name → the dotted name here.
    """

    to: str | None
    names: Mapping[str, str] = field(default_factory=dict)


def _module(to: str | None, *names: str, **renamed: str) -> Module:
    return Module(to, {**{name: f"{to}.{name}" for name in names}, **renamed})


_VIEWS = ("AsyncAPIDocsView", "AsyncAPISchemaView", "generate_asyncapi_schema")
_ENDPOINTS = ("asyncapi_docs", "asyncapi_spec_json", "asyncapi_spec_yaml")

_CHANNELS = {
    "": _module("chanspec.channels"),
    ".apps": _module("chanspec.channels.apps", ChanxChannelsConfig="chanspec.channels.apps.ChanspecConfig"),
    ".authenticator": _module(
        "chanspec.channels.authenticator",
        "DjangoAuthenticator",
        ChanxAuthView="chanspec.channels.authenticator.AuthView",
        ChanxSerializer="chanspec.channels.authenticator.AuthSerializer",
    ),
    ".settings": _module("chanspec.channels.conf", chanx_settings="chanspec.channels.conf.settings"),
    ".testing": _module(
        "chanspec.channels.testing",
        "DjangoWebsocketCommunicator",
        "WebsocketTestCase",
        WebsocketCommunicator="chanspec.testing.WebsocketCommunicator",
    ),
    ".utils": _module(
        "chanspec.channels.utils",
        get_websocket_application="chanspec.channels.utils.asgi.get_websocket_application",
    ),
    ".utils.asgi": _module("chanspec.channels.utils.asgi", "get_websocket_application"),
    ".views": _module("chanspec.channels.views", *_VIEWS),
    ".websocket": _module("chanspec.channels.websocket", "AsyncJsonWebsocketConsumer"),
}
_FAST_CHANNELS = {
    "": _module("chanspec.starlette", **{name: f"chanspec.starlette.views.{name}" for name in _ENDPOINTS}),
    ".testing": _module("chanspec.testing", "WebsocketCommunicator"),
    ".type_defs": _module("chanspec.starlette.config", "AsyncAPIConfig"),
    ".views": _module("chanspec.starlette.views", *_ENDPOINTS, "AsyncAPIConfig"),
    ".websocket": _module("chanspec.starlette.websocket", "AsyncJsonWebsocketConsumer"),
}

MODULES: Mapping[str, Module] = {
    "channels_spectacular": _module(
        "chanspec",
        "document_action",
        "document_event",
        "__version__",
        AsyncAPIGenerator="chanspec.channels.generator.AsyncAPIGenerator",
    ),
    "channels_spectacular.apps": _module(
        "chanspec.channels.apps", ChannelsSpectacularConfig="chanspec.channels.apps.ChanspecConfig"
    ),
    "channels_spectacular.decorators": _module("chanspec.decorators", "document_action", "document_event"),
    "channels_spectacular.generator": _module("chanspec.channels.generator", "AsyncAPIGenerator"),
    "channels_spectacular.management": _module("chanspec.channels.management"),
    "channels_spectacular.management.commands": _module("chanspec.channels.management.commands"),
    "channels_spectacular.management.commands.export_asyncapi": _module(
        "chanspec.channels.management.commands.export_asyncapi", "Command"
    ),
    "channels_spectacular.settings": _module(
        "chanspec.channels.conf", spectacular_settings="chanspec.channels.conf.settings"
    ),
    "channels_spectacular.views": _module("chanspec.channels.views", "AsyncAPIDocView", "AsyncAPISpecView"),
    "chanx": _module("chanspec"),
    "chanx.constants": _module(
        "chanspec.testing", "EVENT_ACTION_COMPLETE", "GROUP_ACTION_COMPLETE", "MESSAGE_ACTION_COMPLETE"
    ),
    "chanx.core": _module("chanspec"),
    "chanx.core.authenticator": _module("chanspec.runtime.authenticator", "BaseAuthenticator", "Credential"),
    "chanx.core.decorators": _module("chanspec.decorators", "channel", "event_handler", "ws_handler"),
    "chanx.core.testing": _module(
        "chanspec.testing", "CapturedBroadcastEvent", "WebsocketCommunicator", "capture_broadcast_events"
    ),
    "chanx.core.websocket": _module(
        "chanspec.runtime.consumer", ChanxWebsocketConsumerMixin="chanspec.runtime.consumer.Consumer"
    ),
    "chanx.messages": _module("chanspec.messages"),
    "chanx.messages.base": _module("chanspec.messages", "BaseChannelEvent", "BaseMessage"),
    "chanx.messages.incoming": _module("chanspec.messages", "PingMessage"),
    "chanx.messages.outgoing": _module(
        "chanspec.messages",
        "AuthenticationMessage",
        "AuthenticationPayload",
        "CompleteMessage",
        "ErrorMessage",
        "EventCompleteMessage",
        "GroupCompleteMessage",
        "PongMessage",
    ),
    "chanx.ext": _module("chanspec"),
    **{f"chanx.{package}channels{name}": each for package in ("", "ext.") for name, each in _CHANNELS.items()},
    **{
        f"chanx.{package}fast_channels{name}": each for package in ("", "ext.") for name, each in _FAST_CHANNELS.items()
    },
}

ENDPOINTS = frozenset(f"{module}.{name}" for module in MODULES for name in _ENDPOINTS if name in MODULES[module].names)
"""The endpoints of FastAPI and Starlette that take a ``config``, under all their names."""

_INCLUDE = "import the router and name it: `from chat.routing import router`, and router in place of include(...)"
_ROUTING = f"path and re_path are those of django.urls; in place of include, {_INCLUDE}"

CURES: Mapping[str, str] = {
    "chanx.constants": "write the action as text, as in 'complete'",
    "chanx.type_defs.SendMessageFn": "write collections.abc.Callable[[BaseMessage], Awaitable[None]]",
    **{f"chanx.{module}": _ROUTING for module in ("channels.routing", "routing", "urls")},
    **{
        f"chanx.{module}.{name}": f"write `from django.urls import {name}`"
        for module in ("channels.routing", "routing", "urls")
        for name in ("path", "re_path")
    },
    **{f"chanx.{module}.include": _INCLUDE for module in ("channels.routing", "routing", "urls")},
    "chanx.channels.urls": (
        'write path("schema/", AsyncAPISchemaView.as_view()) and path("docs/", AsyncAPIDocsView.as_view()), both from '
        'chanspec.channels.views, or include("chanspec.channels.urls"), which has other paths and names'
    ),
    "chanx.channels.utils.override_chanx_settings": "write django.test.override_settings(CHANSPEC={...})",
    "chanx.channels.utils.settings": "write django.test.override_settings(CHANSPEC={...})",
}
"""What to write instead of modules, and names, that have no counterpart."""


@dataclass(frozen=True, slots=True)
class Found:
    """A dotted name here.

    Attributes:
        module: The module.
        path: The attributes in it.
    """

    module: str
    path: tuple[str, ...] = ()

    @property
    def dotted(self) -> str:
        return ".".join((self.module, *self.path))


def is_old(dotted: str) -> bool:
    """Whether a dotted name begins with one of the import names that are migrated from."""
    return dotted.partition(".")[0] in ROOTS


def find(dotted: str) -> Found | None:
    """What a dotted name is here: a module, a name in it, or an attribute of that; None where there is none."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        module = MODULES.get(".".join(parts[:length]))
        if module is None:
            continue
        rest = parts[length:]
        if not rest:
            return None if module.to is None else Found(module.to)
        if rest[0] not in module.names:
            return None
        here, _, name = module.names[rest[0]].rpartition(".")
        attributes = rest[1:]
        if attributes and rest[0] == "chanx_settings":
            attributes[0] = CHANX_KEYS.get(attributes[0], attributes[0])
        return Found(here, (name, *attributes))
    return None


def home(dotted: str) -> str | None:
    """The module here of the module that a dotted name was in; None where there is none."""
    while dotted and dotted not in MODULES:
        dotted = dotted.rpartition(".")[0]
    return MODULES[dotted].to if dotted else None


def cures_in(module: str) -> list[str]:
    """What to write instead of what a module exported and has no counterpart; empty where all has one."""
    plain = module.replace("chanx.ext.", "chanx.")
    if plain in CURES:
        return [CURES[plain]]
    return list(dict.fromkeys(text for name, text in CURES.items() if plain in (name, name.rpartition(".")[0])))


def cure(dotted: str) -> str:
    """What to do about a name that has no counterpart."""
    known = dotted.replace("chanx.ext.", "chanx.")
    while known:  # the nearest name that something is known of
        if known in CURES:
            return CURES[known]
        known = known.rpartition(".")[0]
    return "it has no counterpart in chanspec: do without it"
