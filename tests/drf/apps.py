"""The Django app of these tests' models."""

from django.apps import AppConfig


class TestsDrfConfig(AppConfig):
    name = "tests.drf"
    label = "tests_drf"
