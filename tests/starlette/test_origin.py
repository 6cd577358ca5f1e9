"""Which handshakes the origin validator lets through."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from chanspec.starlette.origin import OriginValidator
from tests.starlette.asgi import is_accepted, scope


async def accepting(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
    else:
        await send({"type": f"{scope['type']} reached"})


async def allows(allowed: list[str] | None, origin: str | None, host: str = "chat.example", **more: Any) -> bool:
    headers = {"host": host, "origin": origin}
    return await is_accepted(OriginValidator(accepting, allowed), "/ws", headers=headers, **more)


@pytest.mark.parametrize(
    ("pattern", "allowed", "refused"),
    [
        (
            "example.com",
            ["http://example.com", "https://example.com", "https://example.com:8443", "HTTPS://EXAMPLE.COM"],
            ["https://www.example.com", "https://example.com.evil", "https://evilexample.com", "https://evil"],
        ),
        (
            ".example.com",
            ["https://example.com", "http://a.b.example.com:1"],
            ["https://evilexample.com", "https://example.com.evil"],
        ),
        (
            "https://example.com",
            ["https://example.com", "https://example.com:443"],
            ["http://example.com", "https://example.com:8443", "https://www.example.com"],
        ),
        (
            "http://.example.com:8000",
            ["http://a.example.com:8000"],
            ["http://a.example.com", "https://example.com:8000"],
        ),
        ("example.com:8000", ["http://example.com:8000", "https://example.com:8000"], ["https://example.com"]),
        ("[::1]", ["http://[::1]:8000"], ["http://[::2]"]),
        ("capacitor://localhost", ["capacitor://localhost"], ["http://localhost"]),
    ],
)
async def test_patterns_cover_what_they_say(pattern, allowed, refused):
    for origin in allowed:
        assert await allows([pattern], origin), origin
    for origin in refused:
        assert not await allows([pattern], origin), origin


@pytest.mark.parametrize(
    "origin",
    [
        *(
            None,
            "",
            "null",
            "example.com",
            "https://",
            "https://example.com:x",
            "https://example.com/path",
            "//example.com",
        ),
        *("https://user@example.com", "https://evil@example.com", "https://example.com:99999", "https://[bad", "\xff"),
    ],
)
async def test_what_is_no_origin_is_refused_unless_everything_is_allowed(origin):
    assert not await allows(["example.com"], origin)
    assert not await allows(None, origin, host="example.com")
    assert await allows(["*"], origin)


async def test_two_origins_are_refused():
    asked = scope("websocket", "/ws", headers={"origin": "https://example.com"})
    asked["headers"].append((b"origin", b"https://evil.example"))
    assert not OriginValidator(accepting, ["example.com"]).allows(asked)


@pytest.mark.parametrize(
    ("host", "origin", "scheme", "expected"),
    [
        ("chat.example", "http://chat.example", "ws", True),
        ("chat.example:8000", "http://chat.example:8000", "ws", True),
        ("chat.example:8000", "http://chat.example:9000", "ws", False),
        ("chat.example", "https://chat.example", "ws", True),  # a proxy spoke TLS
        ("chat.example", "https://chat.example", "wss", True),
        ("chat.example", "http://chat.example", "wss", False),
        ("chat.example:443", "https://chat.example", "wss", True),
        ("CHAT.example", "https://chat.EXAMPLE", "wss", True),
        ("[::1]:8000", "http://[::1]:8000", "ws", True),
        ("chat.example", "https://evil.example", "ws", False),
        ("chat.example", "https://sub.chat.example", "ws", False),
        ("http://chat.example", "http://chat.example", "ws", False),
        ("", "http://chat.example", "ws", False),
    ],
)
async def test_by_default_the_page_comes_from_the_host_that_was_asked(host, origin, scheme, expected):
    assert await allows(None, origin, host, scheme=scheme) is expected


async def test_no_origins_allow_nothing():
    assert not await allows([], "https://chat.example")


async def test_other_requests_pass():
    for kind in ("http", "lifespan"):
        sent: list[Any] = []

        async def send(event: Any, sent: list[Any] = sent) -> None:
            sent.append(event)

        await OriginValidator(accepting, [])({"type": kind}, None, send)
        assert sent == [{"type": f"{kind} reached"}]


async def test_a_refusal_is_logged_with_the_origin_escaped_and_cut(caplog):
    with caplog.at_level(logging.WARNING, logger="chanspec"):
        await allows(["example.com"], "https://evil\n" + "x" * 1000)
    assert len(caplog.messages[0]) < 200
    assert "\n" not in caplog.messages[0]


@pytest.mark.parametrize("allowed", ["example.com", [1], [b"example.com"]])
def test_what_is_no_list_of_strings_is_an_error(allowed):
    with pytest.raises(TypeError, match="write a list of strings"):
        OriginValidator(accepting, allowed)


HOSTS = 'write a scheme, a host and a port, of which the host alone is needed: "https://example.com:8000"'


@pytest.mark.parametrize(
    ("origin", "cure"),
    [
        ("", HOSTS),
        ("https://", HOSTS),
        ("://example.com", HOSTS),
        ("https:example.com", HOSTS),
        ("https://example.com/chat", HOSTS),
        ("https://user@example.com", HOSTS),
        ("https://example.com?x", HOSTS),
        ("a:b:c", HOSTS),
        ("example.com:99999", HOSTS),
        ("a.example, b.example", HOSTS),
        ("exam ple.com", HOSTS),
        ("exam\nple.com", HOSTS),
        ("https://example.com/", 'write "https://example.com"'),
        (" example.com", 'write "example.com"'),
        ("example.com\n", 'write "example.com"'),
        (" ", HOSTS),
        ("null", 'any page can send it; name the page\'s own origin, "https://example.com"'),
        ("NULL", "any page can send it"),
        (".", HOSTS),
        ("..", HOSTS),
        ("https://.", HOSTS),
        ("https://.:8000", HOSTS),
        ("example.com.", HOSTS),
        (".example.com.", HOSTS),
        ("example..com", HOSTS),
        ("exa%6dple.com", HOSTS),
        (".com", 'every site below .com, those of anybody; name your own domain: ".example.com"'),
        ("https://.io", 'name your own domain: ".example.io"'),
        ("*.example.com", 'write ".example.com"'),
        ("https://*.example.com", 'write "https://.example.com"'),
        ("*example.com", 'or write "*" alone'),
        ("*.", 'or write "*" alone'),
        ("https://*", 'or write "*" alone'),
        ("*:8000", 'or write "*" alone'),
        ("ws://example.com:8000", 'write "http://example.com:8000"'),
        ("wss://example.com", 'write "https://example.com"'),
        ("bücher.example", 'write the host as it does, in Punycode: "xn--…"'),
        ("https://例え.example", "in Punycode"),
        ("example.com:", 'the port is missing; write "example.com" for any'),
        ("https://example.com:0", 'write "https://example.com" for any'),
        ("127.1", "the address is not valid"),
        (".127.0.0.1", "the address is not valid"),
        ("[0:0:0:0:0:0:0:1]", "write the address as it does: [::1]"),
    ],
)
def test_what_is_no_pattern_is_an_error_that_says_what_to_write(origin, cure):
    with pytest.raises(ValueError, match="which is no origin") as raised:
        OriginValidator(accepting, [origin])
    assert cure in str(raised.value)
    assert repr(origin) in str(raised.value)


@pytest.mark.parametrize(
    "origin",
    [
        *(
            "*",
            "localhost",
            ".localhost",
            "localhost:3000",
            ".home.arpa",
            ".example.co.uk",
            "my_host",
            "xn--bcher-kva.example",
        ),
        *(
            "127.0.0.1:8000",
            "http://[::1]:8000",
            "capacitor://localhost",
            "chrome-extension://abcdefghij",
            "EXAMPLE.com",
        ),
    ],
)
def test_what_browsers_send_may_be_allowed(origin):
    OriginValidator(accepting, [origin])
