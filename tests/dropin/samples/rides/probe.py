"""Prints, as JSON, what a running project answers: its pages, its documents, its handshakes, its commands."""

import asyncio
import json
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import jwt  # noqa: E402
from channels.testing import WebsocketCommunicator  # noqa: E402
from config.asgi import application  # noqa: E402
from dispatch import generating  # noqa: E402
from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.staticfiles import finders  # noqa: E402
from django.core.management import call_command, execute_from_command_line  # noqa: E402
from django.template.loader import get_template  # noqa: E402
from django.test import Client  # noqa: E402


async def handshake(query):
    communicator = WebsocketCommunicator(application, f"/ws/dispatch/{query}")
    connected, code = await communicator.connect(timeout=20)
    await communicator.disconnect(timeout=20)
    return [connected, None if connected else code]


def export(*consumers):
    with TemporaryDirectory() as folder:
        target = Path(folder, "docs", "asyncapi.yaml")
        flags = [part for each in consumers for part in ("--consumer", each)]
        execute_from_command_line(["manage.py", "export_asyncapi", *flags, "--output", str(target)])
        return target.read_text(encoding="utf-8")


printer, sys.stdout = sys.stdout, sys.stderr  # commands may say what they like
call_command("migrate", verbosity=0)
execute_from_command_line(["manage.py", "check", "--fail-level", "WARNING"])
user = get_user_model().objects.create_user("ada")
token = jwt.encode({"user_id": str(user.pk)}, settings.SECRET_KEY, algorithm="HS256")
client = Client(HTTP_HOST="localhost:8000")
pages = (
    "/ws-docs/",
    "/ws-docs/asyncapi.yaml",
    "/all/ws-docs/asyncapi.yaml",
    "/api/v1/ws-docs/",
    "/api/v1/ws-docs/dispatch/asyncapi.yaml",
    "/api/v1/ws-docs/notif/asyncapi.yaml",
    "/whole/acme/asyncapi.yaml",
    "/static-file/",
    "/themed/",
    "/ws-docs/?asset=docs.js",
)
answers = {url: client.get(url) for url in pages}
print(
    json.dumps(
        {
            "pages": {
                url: [answer.status_code, answer["Content-Type"], answer.content.decode()]
                for url, answer in answers.items()
            },
            "script": finders.find("chanspec/docs.js") is not None,
            "template": get_template("chanspec/docs.html").origin.name,
            "handshakes": {
                "nobody": asyncio.run(handshake("")),
                "ada": asyncio.run(handshake(f"?token={token}")),
                "stranger": asyncio.run(handshake("?token=forged")),
            },
            "single": generating.single.get_spec(),
            "many": generating.spec_dict,
            "inherited": generating.inherited.get_spec(),
            "yaml": generating.spec_yaml,
            "exported": export("myapp.consumers.DispatchConsumer", "myapp.consumers.NotifConsumer:/ws/notifications/"),
        }
    ),
    file=printer,
)
