"""A document to text: stable, readable YAML, or JSON. Not for reading either, and not for keeping comments.

The YAML is written here and not by a YAML library because a document is JSON data and JSON data needs little of
YAML: block collections, and plain, quoted and literal scalars. Writing just that is some thirty times as fast as
ruamel.yaml's pure emitter, and leaves one place that decides when text is quoted. It is quoted whenever any reader,
of YAML 1.1 or 1.2, could take it for another type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from chanspec.asyncapi.plain import uncopied

# What may stand unescaped in a scalar, by both versions of YAML (1.1 section 5.1, 1.2 section 5.1), less what one
# of them takes for a line break (NEL, LS, PS), the byte order mark, and the tab, which nobody can see.
_PRINTABLE = " -~\u00a0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff"
_UNPRINTABLE = re.compile(f"[^{_PRINTABLE}]")
_UNPRINTABLE_IN_LINES = re.compile(f"[^{_PRINTABLE}\n]")
# ": " and " #" end a plain scalar, and so does a colon at the end of the line.
_PLAIN = re.compile(rf"[^\W_][{_PRINTABLE}]*|[_/$(][{_PRINTABLE}]*")
_NOT_PLAIN = re.compile(r":\s|:$|\s#|\s$")
# Everything that a reader may take for a number, a time or a date is made of these and begins with a digit.
_NUMBER_LIKE = re.compile(r"[0-9][-+.:_, 0-9a-fA-FoOxXtTzZ]*")
_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})
_LITERAL = re.compile(f"[{_PRINTABLE}\t\n]*")
# A reader of YAML may refuse an implicit key of more than 1,024 characters.
_LONGEST_KEY = 1000


def to_json(document: Mapping[str, Any]) -> str:
    """`document` as JSON, indented, keys in their order, with a newline at the end.

    It is YAML too: what YAML cannot hold unescaped is escaped, since readers of documents often read JSON as YAML.
    Raises `TypeError` or `ValueError`, with the path, for what JSON cannot hold.
    """
    return _UNPRINTABLE_IN_LINES.sub(_escape, json.dumps(uncopied(document), indent=2, ensure_ascii=False)) + "\n"


def to_yaml(document: Mapping[str, Any]) -> str:
    """`document` as YAML: keys in their order, no anchors, no folded lines, literal blocks for text of many lines.

    Every reader of YAML 1.1 or 1.2 gets the data that `to_json` writes. Raises as `to_json` does.
    """
    value = uncopied(document)
    writer = _Writer()
    if value:
        writer.mapping(value, "")
    else:
        writer.lines.append("{}")
    return "\n".join(writer.lines) + "\n"


def scalar(text: str) -> str:
    """`text` as a YAML scalar on one line: plain where every reader takes it for text, else quoted."""
    if _is_plain(text):
        return text
    if "'" not in text and ("\\" in text or '"' in text) and not _UNPRINTABLE.search(text):
        return f"'{text}'"  # a regular expression stays readable
    return quoted(text)


def quoted(text: str) -> str:
    """`text` as a YAML scalar in double quotes."""
    return _UNPRINTABLE.sub(_escape, json.dumps(text, ensure_ascii=False))


def _is_plain(text: str) -> bool:
    return (
        _PLAIN.fullmatch(text) is not None
        and not _NOT_PLAIN.search(text)
        and not _NUMBER_LIKE.fullmatch(text)
        and text.lower() not in _WORDS
    )


def _escape(found: re.Match[str]) -> str:
    code = ord(found.group())
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def _number(value: float) -> str:
    text = repr(value)
    # YAML 1.1 knows an exponent only behind a point: 1e+20 would be text there.
    if "e" in text and "." not in text:
        text = text.replace("e", ".0e")
    return text


class _Writer:
    """Writes block collections, line by line. `pad` is the white space in front of a collection's entries.

    `first` is what already stands on the line of a collection's first entry (`- `, where it is itself an item).
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self._scalars: dict[str, str] = {}

    def mapping(self, value: dict[str, Any], pad: str, first: str | None = None) -> None:
        lead = pad if first is None else first
        for key, item in value.items():
            name = self._one_line(key)
            if len(name) > _LONGEST_KEY:
                self.lines.append(f"{lead}? {name}")
                self._entry(f"{pad}:", item, pad)
            else:
                self._entry(f"{lead}{name}:", item, pad)
            lead = pad

    def sequence(self, value: list[Any], pad: str, first: str | None = None) -> None:
        lead = (pad if first is None else first) + "- "
        for item in value:
            if item and isinstance(item, dict):
                self.mapping(item, pad + "  ", lead)
            elif item and isinstance(item, list):
                self.sequence(item, pad + "  ", lead)
            else:
                self.lines.append(lead + self._leaf(item, pad))
            lead = pad + "- "

    def _entry(self, head: str, item: Any, pad: str) -> None:
        if item and isinstance(item, dict):
            self.lines.append(head)
            self.mapping(item, pad + "  ")
        elif item and isinstance(item, list):
            self.lines.append(head)
            self.sequence(item, pad + "  ")
        else:
            self.lines.append(f"{head} {self._leaf(item, pad)}")

    def _leaf(self, value: Any, pad: str) -> str:
        if isinstance(value, str):
            return _literal(value, pad + "  ") if "\n" in value and _can_be_literal(value) else self._one_line(value)
        if value is None or isinstance(value, bool):
            return "null" if value is None else "true" if value else "false"
        if isinstance(value, float):
            return _number(value)
        if isinstance(value, int):
            return str(value)
        return "{}" if isinstance(value, dict) else "[]"

    def _one_line(self, text: str) -> str:
        written = self._scalars.get(text)
        if written is None:
            written = self._scalars[text] = scalar(text)
        return written


def _can_be_literal(text: str) -> bool:
    """Whether a literal block holds `text` exactly, for every reader.

    Not with control characters, nor where white space alone would have to count as a line's content at the begin or
    the end of the block, where readers disagree.
    """
    lines = text.split("\n")
    body = text.rstrip("\n")
    return (
        _LITERAL.fullmatch(text) is not None
        and body != ""
        and not lines[0].startswith("\t")
        and lines[0].strip(" \t") != ""
        and body.rsplit("\n", 1)[-1].strip(" \t") != ""
    )


def _literal(text: str, pad: str) -> str:
    # A first line that begins with a space would be taken for the indentation: say how wide that is.
    indentation = "2" if text.startswith(" ") else ""
    chomping = "-" if not text.endswith("\n") else "+" if text.endswith("\n\n") else ""
    body = text if chomping == "-" else text[:-1]
    return f"|{indentation}{chomping}\n" + "\n".join(pad + line if line else "" for line in body.split("\n"))
