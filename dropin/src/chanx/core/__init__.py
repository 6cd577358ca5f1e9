"""What Django and FastAPI share: decorators, authenticators and tools for tests."""
