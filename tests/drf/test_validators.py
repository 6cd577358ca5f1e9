"""Validators and Python's regular expressions, as JSON Schema keywords."""

from __future__ import annotations

import datetime
import re

import jsonschema_rs
import pytest
from django.core import validators
from hypothesis import given
from hypothesis import strategies as st
from rest_framework import serializers
from rest_framework.validators import UniqueValidator

from chanspec.channels.serializers.regex import to_ecma
from tests.drf.models import Tag

S = serializers


def bounded(**_: object) -> None:
    raise AssertionError("a project's own validator is not called")


class Compared(validators.MaxValueValidator):
    def compare(self, value: object, limit: object) -> bool:
        raise AssertionError("a project's own validator is not called")


OWN_CHECKS = {"x-rules": ["passes the application's own checks"]}


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (S.IntegerField(validators=[validators.MinValueValidator(2)]), {"type": "integer", "minimum": 2}),
        (S.IntegerField(validators=[validators.MaxValueValidator(lambda: 9)]), {"type": "integer", "maximum": 9}),
        (S.IntegerField(min_value=3, validators=[validators.MinValueValidator(1)]), {"type": "integer", "minimum": 3}),
        (S.IntegerField(validators=[validators.StepValueValidator(5)]), {"type": "integer", "multipleOf": 5}),
        (S.IntegerField(validators=[validators.StepValueValidator(5, offset=1)]),
         {"type": "integer", "x-rules": ["is a multiple of 5 from 1 on"]}),
        (S.FloatField(validators=[validators.StepValueValidator(0.5)]), {"type": "number", "multipleOf": 0.5}),
        (S.FloatField(validators=[validators.StepValueValidator(0.1)]),
         {"type": "number", "x-rules": ["is a multiple of 0.1"]}),
        (S.IntegerField(validators=[bounded]), {"type": "integer", **OWN_CHECKS}),
        (S.IntegerField(validators=[Compared(5)]), {"type": "integer", **OWN_CHECKS}),
        (S.ChoiceField([1, 2], validators=[bounded]), {"type": "integer", "enum": [1, 2], **OWN_CHECKS}),
        (S.CharField(validators=[UniqueValidator(Tag.objects)]),
         {"type": "string", "minLength": 1, "x-rules": ["is no other object's"]}),
        (S.CharField(validators=[validators.validate_ipv46_address]),
         {"type": "string", "minLength": 1, "allOf": [{"anyOf": [{"format": "ipv4"}, {"format": "ipv6"}]}]}),
        (S.CharField(validators=[validators.validate_integer]),
         {"type": "string", "minLength": 1, "allOf": [{"pattern": "^-?[0-9]+$"}]}),
        (S.CharField(validators=[validators.DomainNameValidator()]),
         {"type": "string", "format": "hostname", "x-rules": ["is a domain name"]}),
        (S.BigIntegerField(coerce_to_string=True, min_value=3),
         {"type": ["string", "integer"], "pattern": "^-?[0-9]+$", "minimum": 3, "x-minimum": "3"}),
        (
            S.CharField(validators=[validators.MinLengthValidator(2), validators.MaxLengthValidator(5)]),
            {"type": "string", "minLength": 2, "maxLength": 5},
        ),
        (S.CharField(validators=[validators.EmailValidator()]), {"type": "string", "format": "email"}),
        (S.CharField(validators=[validators.URLValidator(["ftp"])]), {"type": "string", "format": "uri", "pattern": "^ftp://"}),
        (
            S.CharField(validators=[validators.RegexValidator("^a"), validators.RegexValidator("z$")]),
            {"type": "string", "pattern": "^a", "allOf": [{"pattern": "z$"}], "minLength": 1},
        ),
        (
            S.CharField(validators=[validators.RegexValidator("[<>]", inverse_match=True)], allow_null=True),
            {
                "anyOf": [
                    {"type": "string", "minLength": 1, "allOf": [{"not": {"type": "string", "pattern": "[<>]"}}]},
                    {"type": "null"},
                ]
            },
        ),
        (S.CharField(validators=[validators.RegexValidator("a", flags=re.I)]),
         {"type": "string", "minLength": 1, "x-pattern": "(?i)a"}),
        (S.CharField(validators=[validators.RegexValidator(r"\w", inverse_match=True)]),
         {"type": "string", "minLength": 1, "x-rules": [r"has no match of \w"]}),
        (S.CharField(validators=[validators.ProhibitNullCharactersValidator()]), {"type": "string", "minLength": 1}),
        (
            S.ListField(validators=[validators.MaxLengthValidator(2)]),
            {"type": "array", "items": {}, "maxItems": 2},
        ),
        (
            S.DictField(validators=[validators.MinLengthValidator(2)]),
            {"type": "object", "additionalProperties": True, "minProperties": 2},
        ),
        (S.DateField(validators=[validators.MinValueValidator(datetime.date(2026, 1, 1))]),
         {"type": "string", "format": "date", "x-minimum": "2026-01-01"}),
    ],
)  # fmt: skip
def test_validator_becomes_a_keyword(field, expected, schema_of) -> None:
    assert schema_of(field, "in") == expected


@pytest.mark.parametrize(
    ("python", "ecma"),
    [
        (r"^\d{4}-\d{2}$", r"^\d{4}-\d{2}$"),
        (r"\A[a-z]+\Z", "^[a-z]+$"),
        (r"(?P<year>\d+)-(?P=year)", r"(?<year>\d+)-\k<year>"),
        (r"(?:a|b)(?=c)(?!d)(?<=e)(?<!f)", r"(?:a|b)(?=c)(?!d)(?<=e)(?<!f)"),
        (r"a{,3}b{2,}c{4}?", r"a{0,3}b{2,}c{4}?"),
        (r"{x}]", r"\{x\}\]"),
        (r"x{,}", r"x\{,\}"),
        (r"[]a]", r"[\]a]"),
        (r"[^]a[]", r"[^\]a\[]"),
        (r"[\w-]", None),
        (r"[a\-z\]\b]", r"[a\-z\]\x08]"),
        (r"\@\-\ \.\/", r"@- \.\/"),
        (r"\x41\u00e9\t\a", r"Aé\t\x07"),
        ("\\U0001F697", "\U0001f697"),
        ("é\n", "é\n"),
        (r"(a)\1", r"(a)\1"),
        (r"a*?b+?c??", r"a*?b+?c??"),
        (r"\w+", None),
        (r"\bx", None),
        (r"a++", None),
        (r"a{2}+", None),
        (r"(?>a)", None),
        (r"(a)?(?(1)b|c)", None),
        (r"(?i:a)b", None),
        (r"(?#note)a", None),
        (r"\012", None),
        (r"\N{BULLET}", None),
        (re.compile("a", re.I), None),
        (re.compile("a", re.M), None),
        (re.compile("a b", re.X), None),
        (re.compile(r"\w\b.", re.A), r"\w\b."),
        (re.compile(r".", re.S), r"[\s\S]"),
        (re.compile(rb"a"), None),
    ],
)
def test_portable_regular_expression_is_translated_and_another_left_out(python, ecma) -> None:
    assert to_ecma(re.compile(python) if isinstance(python, str) else python) == ecma


PIECES = st.sampled_from(
    [
        "a",
        "-",
        r"\.",
        r"\d",
        "[a-c]",
        "[^-x]",
        r"[]\-]",
        "(?:b|c)",
        "(?P<n>z)?",
        "{",
        "}",
        "x{,2}",
        "y{1,3}?",
        r"\ ",
        "é",
    ]
)


@given(pattern=st.lists(PIECES, min_size=1, max_size=6), data=st.data())
def test_translated_pattern_matches_what_python_matches(pattern, data) -> None:
    text = "".join(dict.fromkeys(pattern))  # a group's name may be used once
    compiled = re.compile(text)
    ecma = to_ecma(compiled)
    assert ecma is not None
    validator = jsonschema_rs.Draft7Validator({"pattern": ecma})
    sample = data.draw(st.one_of(st.from_regex(compiled), st.text(alphabet="abcxyz-.5 é{}]")))
    if not re.search(r"[^\x00-\x7fé]", sample):  # \d is all of Unicode's digits to Python
        assert validator.is_valid(sample) == bool(compiled.search(sample))
