"""Consumers, authenticators, views and tools for tests of Django projects."""
