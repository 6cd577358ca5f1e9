"""Tests of DRF serializers as payloads; a Django app, because model serializers need models."""
