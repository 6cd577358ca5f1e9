"""A stand-in for a language model: the same question always gets the same answer, a word at a time."""

from __future__ import annotations

import asyncio
import zlib
from collections.abc import AsyncIterator

SECONDS_PER_WORD = 0.05

_ANSWERS = (
    "Good question. A handler that is an async generator sends each message as it yields it, so you read this "
    "sentence while it is still being written.",
    "Let me think aloud. Nothing here waits for the whole answer: every word is a message of its own, and closing "
    "the page stops the generator at once.",
    "In short: yes. In long: it depends on the room, the weather, and how many words I was told to stream to you.",
    "I looked it up in the docs of this very application. They are made from the classes that carry these words, so "
    "they cannot disagree with me.",
)


async def answer(question: str) -> AsyncIterator[str]:
    """The words of the answer to a question."""
    for word in _ANSWERS[zlib.crc32(question.casefold().encode()) % len(_ANSWERS)].split():
        await asyncio.sleep(SECONDS_PER_WORD)
        yield word
