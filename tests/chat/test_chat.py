"""The chat example over its socket, with real clients."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import urllib.error
import urllib.request
from urllib.parse import urlencode

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import InvalidStatus

from tests.chat.conftest import EXAMPLE, REPLY_SECONDS, Client
from tests.programs import PAGE


def test_the_document_passes_the_official_parser(document, official_parser):
    official_parser.check(document)
    channel = document["channels"]["room"]
    assert channel["address"] == "/ws/rooms/{room_id}"
    assert "name" in channel["bindings"]["ws"]["query"]["properties"]
    operations = document["operations"]
    received = {name for name, operation in operations.items() if operation["action"] == "receive"}
    assert received == {"ping", "say", "typing", "history", "ask"}
    assert [each["$ref"].rpartition("/")[2] for each in operations["ask"]["reply"]["messages"]] == [
        "AnswerStartMessage",
        "AnswerWordMessage",
        "AnswerEndMessage",
    ]
    assert all(operation["security"] for operation in operations.values())


async def test_what_is_said_reaches_everybody_in_the_room(enter):
    async with enter("Ada") as ada, enter("Emeka") as emeka, enter("Zoë", room="-other") as zoe:
        assert await ada.hear("people") == {"names": ["Ada", "Emeka"]}
        await ada.send("say", text="  <b>hello</b>  ")
        said = await ada.hear("posted")
        assert (said["id"], said["name"], said["text"]) == (1, "Ada", "<b>hello</b>")
        assert await emeka.hear("posted") == said
        await zoe.is_answered()


async def test_typing_is_shown_to_the_others(enter):
    async with enter("Ada") as ada, enter("Emeka") as emeka:
        await ada.hear("people")
        for active in (True, False):
            await ada.send("typing", active=active)
            assert await emeka.hear("typist") == {"name": "Ada", "active": active}
        await ada.is_answered()


async def test_history_has_the_last_posts(enter):
    async with enter("Ada") as ada:
        for number in range(15):
            await ada.send("say", text=f"line {number}")
            await ada.hear("posted")
        async with enter("Emeka") as emeka:
            await emeka.send("history", limit=2)
            assert [post["text"] for post in (await emeka.hear("past"))["posts"]] == ["line 13", "line 14"]


async def heard_answer(client: Client) -> tuple[str, str, list[str]]:
    start = await client.hear("answer_start")
    words: list[str] = []
    while (frame := await client.next())["action"] == "answer_word":
        assert frame["payload"]["answer"] == start["answer"]
        words.append(frame["payload"]["word"])
    assert frame == {"action": "answer_end", "payload": {"answer": start["answer"], "words": len(words)}}
    return start["question"], " ".join(words), words


async def test_the_assistant_streams_to_who_asked_and_says_the_same_again(enter):
    async with enter("Ada") as ada, enter("Emeka") as emeka:
        await ada.hear("people")
        await ada.send("ask", question="Why?")
        question, first, words = await heard_answer(ada)
        assert question == "Why?"
        assert len(words) > 10
        await ada.send("ask", question="why?")
        assert (await heard_answer(ada))[1] == first
        await emeka.is_answered()


async def test_the_conversation_goes_on_while_the_assistant_streams(enter):
    async with enter("Ada") as ada:
        await ada.send_together(
            ("ask", {"question": "One?"}), ("ask", {"question": "Two?"}), ("say", {"text": "meanwhile"})
        )
        frames = []
        while sum(frame["action"] == "answer_end" for frame in frames) < 2:
            frames.append(await ada.next())
        actions = [frame["action"] for frame in frames]
        assert actions.index("posted") < actions.index("answer_end")
        streams = [frame["payload"]["answer"] for frame in frames if frame["action"] == "answer_word"]
        assert set(streams) == {1, 2}
        assert streams != sorted(streams)  # the two overlap


async def test_leaving_is_seen_by_the_others_even_in_the_middle_of_an_answer(enter):
    async with enter("Ada") as ada:
        async with enter("Emeka") as emeka:
            await ada.hear("people")
            await emeka.send("ask", question="Still there?")
            await emeka.hear("answer_start")
        assert await ada.hear("people") == {"names": ["Ada"]}


async def test_two_windows_are_one_person(enter):
    async with enter("Ada") as ada:
        async with enter("Ada"):
            assert await ada.hear("people") == {"names": ["Ada"]}
        assert await ada.hear("people") == {"names": ["Ada"]}


async def test_announcements_come_from_http(enter, chat, request):
    async with enter("Ada") as ada:
        room = ada.socket.request.path.split("?")[0].rpartition("/")[2]

        def announce(body: bytes, room: str = room, kind: str = "application/json") -> int:
            url = f"{chat}/rooms/{room}/announcements"
            asked = urllib.request.Request(url, body, {"Content-Type": kind})
            try:
                with urllib.request.urlopen(asked, timeout=REPLY_SECONDS) as answer:
                    return answer.status
            except urllib.error.HTTPError as error:
                with error:
                    return error.code

        assert await asyncio.to_thread(announce, b'{"text": "Tea is ready"}') == 204
        assert await ada.hear("announcement") == {"text": "Tea is ready"}
        assert await asyncio.to_thread(announce, b'{"text": ""}') == 422
        assert await asyncio.to_thread(announce, b'{"text": "x"}', "Not_A_Room") == 422
        assert await asyncio.to_thread(announce, b'{"text": "x"}', room, "text/plain") == 422  # what a form could send
        await ada.is_answered()


@pytest.mark.parametrize(
    ("frame", "loc"),
    [
        ({"action": "say", "payload": {"text": "   "}}, ["payload", "text"]),
        ({"action": "say", "payload": {"text": "x" * 1001}}, ["payload", "text"]),
        ({"action": "say"}, ["payload"]),
        ({"action": "history", "payload": {"limit": 51}}, ["payload", "limit"]),
    ],
)
async def test_what_is_not_valid_is_answered_with_the_field(enter, frame, loc):
    async with enter("Ada") as ada:
        await ada.socket.send(json.dumps(frame))
        (error,) = await ada.hear("error")
        assert error["loc"] == loc
        await ada.is_answered()


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("/ws/rooms/lobby", 4401),
        ("/ws/rooms/lobby?name=%20", 4401),
        ("/ws/rooms/lobby?" + urlencode({"name": "x" * 25}), 4401),
        ("/ws/rooms/lobby?" + urlencode({"name": "a\x07b"}), 4401),
        ("/ws/rooms/No_Room?name=Ada", 4404),
        ("/ws/rooms/" + "x" * 33 + "?name=Ada", 4404),
    ],
)
async def test_who_is_refused_is_told_why(chat, validators, path, code):
    async with connect(chat.replace("http", "ws", 1) + path, origin=chat, proxy=None) as socket:
        outcome = await Client(socket, validators).hear("authentication")
        assert outcome["status_code"] == code - 4000
        assert outcome["data"]["detail"]
        await asyncio.wait_for(socket.wait_closed(), REPLY_SECONDS)
        assert socket.close_code == code


@pytest.mark.parametrize("origin", [None, "http://evil.example", "https://127.0.0.1"])
async def test_foreign_origins_are_refused(chat, origin):
    with pytest.raises(InvalidStatus) as refused:
        async with connect(f"{chat.replace('http', 'ws', 1)}/ws/rooms/lobby?name=A", origin=origin, proxy=None):
            pass
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("path", ["/", "/rooms/lobby", "/static/chat.js", "/ws-docs/"])
def test_pages_have_a_policy_without_inline_scripts(chat, path):
    if path == "/ws-docs/":
        PAGE.needed()
    with urllib.request.urlopen(chat + path, timeout=REPLY_SECONDS) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'self'; ")
    assert "script-src" not in policy


def test_the_page_never_makes_markup_of_text():
    script = (EXAMPLE / "chat/static/chat.js").read_text()
    assert "innerHTML" not in script
    assert "eval(" not in script


def test_a_taken_port_is_told_in_a_sentence(chat):
    port = chat.rpartition(":")[2]
    result = subprocess.run(
        [sys.executable, "-m", "chat"], cwd=EXAMPLE, env={"PORT": port}, capture_output=True, text=True, timeout=60
    )
    assert result.returncode == 1
    assert result.stderr == f"Port {port} is taken: choose another, as in `make demo-chat PORT=8001`.\n"
