"""What clients send to the applications that are measured, as text frames; how it reaches them is elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

TEXT = '{"text": "The quick brown fox jumps over the lazy dog", "room": 42}'


@dataclass(frozen=True, slots=True)
class Wire:
    """How a library talks to its clients.

    Attributes:
        path: Where it listens.
        query: The query string.
        hello: Text frames that a client sends first.
        greeting: How many frames the server sends on its own, or in answer to those, before a connection is ready.
        say: The message that is answered, or that goes to everybody.
        said: What every frame has that counts as an answer.
    """

    path: str = "/"
    query: str = ""
    hello: tuple[str, ...] = ()
    greeting: int = 0
    say: str = f'{{"action": "say", "payload": {TEXT}}}'
    said: str = '"said"'
