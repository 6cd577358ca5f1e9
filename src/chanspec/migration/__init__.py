"""Rewrites a project from the import names and settings of other packages to chanspec's. Nothing runs the project.

Files are read with LibCST, which says where everything is; what is changed is then only the text of those places, so
that every other byte of a file stays. What cannot be rewritten becomes a note with its place.
"""
