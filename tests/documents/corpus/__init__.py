"""Consumers of all kinds, a module per theme. Each module's ``DOCUMENTS`` are generator arguments by name."""
