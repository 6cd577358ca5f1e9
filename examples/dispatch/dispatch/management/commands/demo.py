"""``manage.py demo``: prepares the database, makes two users and serves the example on this machine."""

from __future__ import annotations

import errno
import os
import socket
from typing import Any

import uvicorn
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AbstractUser
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError, CommandParser

from dispatch import tokens
from dispatch.models import Driver

# Only ever served on the loopback address, so the password may be a known one.
HOST = "127.0.0.1"
PASSWORD = "dispatch-demo"
USERS = [("rider", "Ada"), ("driver", "Emeka")]
LARGEST_FRAME = 64 * 1024


class Command(BaseCommand):
    help = "Serve the dispatch example on 127.0.0.1, with demo users."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--port",
            default=os.environ.get("PORT") or "8000",
            help="the port to listen on; 0 takes any free one (default: $PORT or 8000)",
        )

    def handle(self, *args: Any, port: str, **options: Any) -> None:
        listener = listen(port)
        call_command("migrate", verbosity=0, interactive=False)
        rider, *_ = [demo_user(*user) for user in USERS]
        self.announce(f"http://{HOST}:{listener.getsockname()[1]}", tokens.issue(rider))
        serve(listener)

    def announce(self, url: str, token: str) -> None:
        """Say where everything is; flushed, for whoever reads this through a pipe."""
        minutes = int(settings.TOKEN_LIFETIME.total_seconds()) // 60
        people = "\n".join(f"  {name:<7} password {PASSWORD}" for name, _ in USERS)
        self.stdout.write(
            f"Dispatch is at    {url}/\n"
            f"Its docs are at   {url}/ws-docs/\n"
            f"\nLog in as\n{people}\n"
            f"\nA token of rider, good for {minutes} minutes (the start page gives more)\n  {token}\n"
            "\nCtrl-C stops it."
        )
        self.stdout.flush()


def listen(port: str) -> socket.socket:
    """A listening socket, or one sentence that says why not."""
    if not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise CommandError(f"The port must be a number from 0 to 65535, not {port!r}.")
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, int(port)))
        listener.listen()
    except OSError as error:
        listener.close()
        if error.errno == errno.EADDRINUSE:
            raise CommandError(f"Port {port} is taken: choose another, as in `make demo PORT=8001`.") from None
        raise CommandError(f"Cannot listen on {HOST}:{port}: {error.strerror}.") from None
    return listener


def demo_user(username: str, first_name: str) -> AbstractUser:
    """The user with the known password; the one called driver drives."""
    user, _ = get_user_model().objects.get_or_create(username=username, defaults={"first_name": first_name})
    if not user.check_password(PASSWORD):
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    if username == "driver":
        Driver.objects.get_or_create(user=user)
    return user


def serve(listener: socket.socket) -> None:
    config = uvicorn.Config(
        "config.asgi:application",
        lifespan="off",
        log_level="warning",
        ws_max_size=LARGEST_FRAME,
        timeout_graceful_shutdown=2,
    )
    try:
        uvicorn.Server(config).run(sockets=[listener])
    except KeyboardInterrupt:
        return
