"""Import statements of every form, and what goes through them."""

from __future__ import annotations

from textwrap import dedent

import pytest

from tests.migrate.conftest import Rewrite

CASES = {
    "from a module": (
        "from chanx.core.decorators import ws_handler, channel as ch",
        "from chanspec.decorators import ws_handler, channel as ch",
    ),
    "of the other spelling": (
        "from chanx.ext.channels.views import AsyncAPIDocsView",
        "from chanspec.channels.views import AsyncAPIDocsView",
    ),
    "of a name that is called otherwise": (
        "from chanx.channels.authenticator import ChanxAuthView, DjangoAuthenticator",
        "from chanspec.channels.authenticator import AuthView as ChanxAuthView, DjangoAuthenticator",
    ),
    "of a name that is called otherwise, by an alias": (
        "from chanx.channels.authenticator import ChanxAuthView as V",
        "from chanspec.channels.authenticator import AuthView as V",
    ),
    "of names that are in two modules": (
        """\
        from channels_spectacular import document_action, AsyncAPIGenerator as G, document_event  # noqa: F401
        """,
        """\
        from chanspec import document_action, document_event  # noqa: F401
        from chanspec.channels.generator import AsyncAPIGenerator as G  # noqa: F401
        """,
    ),
    "of names that are in two modules, with comments between them": (
        """\
        if True:
            from channels_spectacular import (
                document_action,  # one
                AsyncAPIGenerator,  # two
            )
        """,
        """\
        if True:
            # one
            # two
            from chanspec import document_action
            from chanspec.channels.generator import AsyncAPIGenerator
        """,
    ),
    "over several lines": (
        """\
        from chanx.messages.outgoing import (
            PongMessage,  # the answer

            ErrorMessage,
        )
        """,
        """\
        from chanspec.messages import (
            PongMessage,  # the answer

            ErrorMessage,
        )
        """,
    ),
    "with others in a line": (
        "import os; from channels_spectacular import document_action, AsyncAPIGenerator; import sys",
        "import os; from chanspec import document_action; "
        "from chanspec.channels.generator import AsyncAPIGenerator; import sys",
    ),
    "of everything": ("from chanx.core.decorators import *", "from chanspec.decorators import *"),
    "of everything, from several modules": (
        "from channels_spectacular import *",
        "from chanspec import document_action, document_event\n"
        "from chanspec.channels.generator import AsyncAPIGenerator",
    ),
    "of a module from its package": (
        "from chanx.core import decorators, testing as t\n@decorators.ws_handler\nasync def f(self, m): ...\n",
        "from chanspec import decorators, testing as t\n@decorators.ws_handler\nasync def f(self, m): ...\n",
    ),
    "of a module that is called otherwise": (
        "from chanx.messages import incoming\nincoming.PingMessage()\n",
        "from chanspec import messages as incoming\nincoming.PingMessage()\n",
    ),
    "of a package": (
        "from chanx import channels\nchannels.settings.chanx_settings.ASYNCAPI_TITLE\n",
        "from chanspec import channels\nchannels.conf.settings.TITLE\n",
    ),
    "of a module by its whole name": (
        "import chanx.channels.websocket\nclass C(chanx.channels.websocket.AsyncJsonWebsocketConsumer): ...\n",
        "import chanspec.channels.websocket\nclass C(chanspec.channels.websocket.AsyncJsonWebsocketConsumer): ...\n",
    ),
    "of a module by another name": (
        "import chanx.channels.websocket as ws, os\nclass C(ws.AsyncJsonWebsocketConsumer): ...\n",
        "import chanspec.channels.websocket as ws, os\nclass C(ws.AsyncJsonWebsocketConsumer): ...\n",
    ),
    "of a package whose names are in several modules": (
        "import channels_spectacular as s\n@s.document_action()\ndef f(self): ...\ns.AsyncAPIGenerator\n",
        "import chanspec as s, chanspec.channels.generator\n@s.document_action()\ndef f(self): ...\n"
        "s.channels.generator.AsyncAPIGenerator\n",
    ),
    "of renamed attributes of a module": (
        "from chanx.channels import authenticator as a\nclass V(a.ChanxAuthView): ...\n",
        "from chanspec.channels import authenticator as a\nclass V(a.AuthView): ...\n",
    ),
    "in functions and in blocks for type checkers": (
        """\
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from chanx.messages.base import BaseMessage
        try:
            import chanx.core.decorators as d
        except ImportError:
            d = None
        def f():
            from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer
            return d.channel
        """,
        """\
        from typing import TYPE_CHECKING
        if TYPE_CHECKING:
            from chanspec.messages import BaseMessage
        try:
            import chanspec.decorators as d
        except ImportError:
            d = None
        def f():
            from chanspec.starlette.websocket import AsyncJsonWebsocketConsumer
            return d.channel
        """,
    ),
    "of settings that are called otherwise": (
        "from chanx.channels.settings import chanx_settings\nchanx_settings.ASYNCAPI_SERVER_URL\n",
        "from chanspec.channels.conf import settings as chanx_settings\nchanx_settings.WS_HOST\n",
    ),
    "of modules, each of which is used": (
        """\
        import chanx.core.decorators
        import chanx.messages.base, os
        chanx.messages.base.BaseMessage, chanx.core.decorators.channel
        """,
        """\
        import chanspec.decorators
        import chanspec.messages, os
        chanspec.messages.BaseMessage, chanspec.decorators.channel
        """,
    ),
    "of a package that is chanspec itself": (
        """\
        def f():
            from chanx import core, messages as m
            return core.decorators.channel, m.base.BaseMessage
        """,
        """\
        def f():
            import chanspec as core
            from chanspec import messages as m
            return core.decorators.channel, m.BaseMessage
        """,
    ),
    "of a module, with names that are below it here": (
        "from chanx import fast_channels\nfast_channels.asyncapi_docs\n",
        "from chanspec import starlette as fast_channels\n"
        "import chanspec.starlette.views\nfast_channels.views.asyncapi_docs\n",
    ),
    "of names that only look alike": (
        "import chanxtra\nfrom .chanx import core\nfrom x.chanx.core import y\nchanx = 5\nchanx.core.decorators\n",
        "import chanxtra\nfrom .chanx import core\nfrom x.chanx.core import y\nchanx = 5\nchanx.core.decorators\n",
    ),
}


@pytest.mark.parametrize(("before", "after"), CASES.values(), ids=CASES)
def test_an_import_is_rewritten(before: str, after: str, rewrite: Rewrite) -> None:
    migrated = rewrite(before)
    assert migrated.text == dedent(after)
    assert migrated.notes == []
    assert rewrite(migrated.text).text == migrated.text


NOTED = {
    "a name of its own that has no counterpart": (
        "from chanx.core.decorators import ws_handler, secret\n",
        "from chanx.core.decorators import secret\nfrom chanspec.decorators import ws_handler\n",
        "1: chanx.core.decorators.secret: it has no counterpart in chanspec: do without it",
    ),
    "a module that has none": (
        "from chanx.client_generator import generator\n",
        "from chanx.client_generator import generator\n",
        "1: chanx.client_generator.generator: it has no counterpart in chanspec: do without it",
    ),
    "a route, which is Django's own": (
        "from chanx.channels.routing import path\n",
        "from chanx.channels.routing import path\n",
        "1: chanx.channels.routing.path: write `from django.urls import path`",
    ),
    "the same, from an older module": (
        "from chanx.urls import re_path\n",
        "from chanx.urls import re_path\n",
        "1: chanx.urls.re_path: write `from django.urls import re_path`",
    ),
    "a router of another module": (
        "from chanx.ext.channels.routing import include\n",
        "from chanx.ext.channels.routing import include\n",
        "1: chanx.ext.channels.routing.include: import the router and name it: `from chat.routing import router`, and "
        "router in place of include(...)",
    ),
    "all that is for routes": (
        "from chanx.routing import *\n",
        "from chanx.routing import *\n",
        "1: chanx.routing: path and re_path are those of django.urls; in place of include, import the router and name "
        "it: `from chat.routing import router`, and router in place of include(...)",
    ),
    "what has one in other words": (
        "from chanx.ext.channels.utils.settings import override_chanx_settings\n",
        "from chanx.ext.channels.utils.settings import override_chanx_settings\n",
        "1: chanx.ext.channels.utils.settings.override_chanx_settings: "
        "write django.test.override_settings(CHANSPEC={...})",
    ),
    "what has one in other words, from the package": (
        "from chanx.channels.utils import override_chanx_settings\n",
        "from chanx.channels.utils import override_chanx_settings\n",
        "1: chanx.channels.utils.override_chanx_settings: write django.test.override_settings(CHANSPEC={...})",
    ),
    "all of a module that has more than has a counterpart": (
        "from chanx.ext.channels.utils import *\n",
        "from chanspec.channels.utils.asgi import get_websocket_application\n",
        "1: chanx.ext.channels.utils: some of it has no counterpart in chanspec; "
        "write django.test.override_settings(CHANSPEC={...})",
    ),
    "an attribute that has none; its import is kept": (
        "import chanx.channels.websocket\nchanx.channels.websocket.secret\n",
        "import chanx.channels.websocket, chanspec.channels.websocket\nchanx.channels.websocket.secret\n",
        "2: chanx.channels.websocket.secret: it has no counterpart in chanspec: do without it",
    ),
    "an attribute that has none, of a module by another name; all of it is kept": (
        "from chanx.channels import authenticator as a\na.ChanxAuthView\na.secret\n",
        "from chanx.channels import authenticator as a\na.ChanxAuthView\na.secret\n",
        "3: chanx.channels.authenticator.secret: it has no counterpart in chanspec: do without it",
    ),
    "a name for two modules": (
        "if x:\n    import chanx.core.decorators as d\nelse:\n    import chanx.core.testing as d\nd.channel\n",
        "if x:\n    import chanx.core.decorators as d\nelse:\n    import chanx.core.testing as d\nd.channel\n",
        "5: d is imported as chanx.core.decorators and chanx.core.testing; give each a name of its own",
    ),
    "a module that is passed on": (
        "import chanx\nprint(chanx)\n",
        "import chanx, chanspec\nprint(chanx)\n",
        "2: the module chanx itself is used; it has no counterpart in chanspec: do without it",
    ),
    "all of a module that is unknown": (
        "from chanx.nowhere import *\n",
        "from chanx.nowhere import *\n",
        "1: chanx.nowhere: it has no counterpart in chanspec: do without it",
    ),
    "an unknown module by another name, noted once": (
        "import chanx.nowhere as n\nn.x.y\n",
        "import chanx.nowhere as n\nn.x.y\n",
        "1: chanx.nowhere: it has no counterpart in chanspec: do without it",
    ),
    "a message whose payload was inherited": (
        "from chanx.messages.base import BaseMessage\nclass Refresh(BaseMessage):\n    action: str\n",
        "from chanspec.messages import BaseMessage\nclass Refresh(BaseMessage):\n    action: str\n",
        "2: Refresh inherited a payload; declare it where it is used: payload: Any = None",
    ),
}


NOTED |= {
    f"what may be an action's name by position, {kind}": (
        f"from channels_spectacular{module} import document_action as d\nd({arguments})\n",
        f"from chanspec{decorators} import document_action as d\nd({arguments})\n",
        "2: document_action takes its summary first; if this is the action's name, write action=",
    )
    for kind, module, decorators, arguments in (
        ("of the package", "", "", "'ride.cancel', payload=P"),
        ("of its module", ".decorators", ".decorators", "NAME"),
    )
}

NOTED |= {
    f"a generator's arguments, {kind}": (
        f"import channels_spectacular as c\nc.AsyncAPIGenerator({arguments})\n",
        f"import chanspec as c, chanspec.channels.generator\nc.channels.generator.AsyncAPIGenerator({arguments})\n",
        "2: AsyncAPIGenerator's arguments have names: consumer=, info=, servers=, channel_path=",
    )
    for kind, arguments in (("by position", "Ride, {}"), ("by its old name", "consumer_class=Ride"))
}

NOTED |= {
    f"an endpoint's options, {kind}": (
        f"from chanx.ext.fast_channels.views import asyncapi_docs as d\nd({arguments})\n",
        f"from chanspec.starlette.views import asyncapi_docs as d\nd({arguments})\n",
        f"2: {note}",
    )
    for kind, arguments, note in (
        ("by name", "app=a, config={'title': 'x', 'server_url': 'y'}", "the option 'server_url' is called 'host' here"),
        ("by position", "r, a, {'camelize': True}", "remove 'camelize'"),
        (
            "in a variable",
            "config=c",
            "see that the options are chanspec's: server_url is host, server_protocol protocol",
        ),
    )
}


@pytest.mark.parametrize(("before", "after", "note"), NOTED.values(), ids=NOTED)
def test_what_cannot_be_rewritten_is_noted(before: str, after: str, note: str, rewrite: Rewrite) -> None:
    migrated = rewrite(before)
    assert (migrated.text, migrated.notes) == (after, [note])


@pytest.mark.parametrize("arguments", ["'Cancel a ride'", "action='ride.cancel'", "", "*more", "handle"])
def test_what_is_a_summary_or_has_a_name_is_not_noted(arguments: str, rewrite: Rewrite) -> None:
    notes = rewrite(f"from channels_spectacular import document_action as d\nd({arguments})\n").notes
    assert bool(notes) is (arguments == "handle")  # a variable may hold anything


def test_a_layer_of_fast_channels_is_noted_where_its_project_is_migrated(rewrite: Rewrite) -> None:
    layers = "from fast_channels.layers import register_channel_layer\nregister_channel_layer('default', 1)\n"
    assert rewrite(layers).notes == []
    migrated = rewrite(layers, b="from chanx.fast_channels.websocket import AsyncJsonWebsocketConsumer\n")
    assert migrated.text == layers
    assert migrated.notes == [
        "2: chanspec's consumers take the layer that is registered by "
        "chanspec.runtime.layers.register_layer(alias, layer)"
    ]
