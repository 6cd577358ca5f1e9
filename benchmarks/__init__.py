"""Measures chanspec against a bare ASGI callable and its peers, side by side. ``make bench`` runs all of it."""
