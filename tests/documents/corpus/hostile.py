"""Text and names that readers get wrong: markup, YAML, control characters, every alphabet."""

from __future__ import annotations

from typing import Any

from chanspec import document_action, document_event

HOSTILE = (
    "<script>alert(1)</script> & \"quotes\" 'n' `ticks`: - # [x](javascript:alert(1))"
    "\n\n```\n${x} {{ y }}\n```\n\ttab é 漢字 🚕 \u2028 \x07"
)
WORDS = ["yes", "null", "1e3", "2024-05-01", "0x1F", "~", "<<", "- a", "a: b", " padded ", "!tag", "&anchor", "*alias"]


class Hostile:
    __doc__ = HOSTILE

    @document_action(
        action="a.b/c~d",
        summary=HOSTILE,
        description=HOSTILE,
        tags=[*WORDS, HOSTILE],
        payload={
            "title": HOSTILE,
            "description": HOSTILE,
            "properties": {word: {"description": word, "default": word} for word in [*WORDS, HOSTILE]},
        },
        examples=[
            {"name": HOSTILE, "summary": HOSTILE, "payload": {"action": "a.b/c~d", HOSTILE: HOSTILE, "yes": "no"}}
        ],
        responses={"<b>": {HOSTILE: "string"}},
    )
    async def handle_hostile(self) -> None: ...


class Names:
    @document_action(action="ping")
    async def handle_ping(self) -> None: ...

    @document_event("ping")
    async def ping(self) -> None: ...

    @document_event("Ping")
    async def ping_again(self) -> None: ...


for _number, _name in enumerate(
    [
        "привет",
        "你好",
        "café",
        "2fa",
        "__proto__",
        "hasOwnProperty",
        "constructor",
        "camelCase",
        "a.b",
        "a_b",
        "a-b",
        "...",
    ]
):

    async def _method(self: Any) -> None: ...

    setattr(Names, f"handle_{_number}", document_action(action=_name, responses={_name: None})(_method))


DOCUMENTS = {
    "hostile": {
        "consumers": [(Hostile, "/ws/ä b/%zz/"), (Hostile, "/ws/hasOwnProperty/")],
        "info": {"title": HOSTILE, "version": "1e3", "description": HOSTILE, "x-note": {"yes": WORDS}},
        "servers": {"yes": {"host": "a", "protocol": "ws", "description": HOSTILE, "variables": {}}},
        "query_param": "t: k",
        "cookie_name": "yes",
    },
    "names": {"consumer": Names, "channel_path": "/ws/"},
    "names-prefixed": {"consumers": [(Names, "/ws/a/"), (Names, "/ws/b/")]},
}
