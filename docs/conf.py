"""How Sphinx builds the documentation: `make docs`, or `make html` in this folder."""

import sys
from pathlib import Path

import django
from django.conf import settings

# The checkout's own code; with `requirements.txt` alone, chanspec itself is not installed.
sys.path.insert(0, str(Path(__file__).parent.parent / "src"))

from chanspec import __version__ as release

# Modules of the reference that need Django need it set up; Django REST framework needs the two of its own.
settings.configure(
    INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes", "channels", "chanspec.channels"],
    SECRET_KEY="for the reference only",  # noqa: S106
)
django.setup()

project = "chanspec"
author = "The chanspec developers"
project_copyright = "The chanspec developers"
version = release.rpartition(".")[0]

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
myst_enable_extensions = ["colon_fence", "deflist", "fieldlist"]
myst_heading_anchors = 3
exclude_patterns = ["_build", "requirements.txt"]
nitpicky = False
suppress_warnings = ["ref.python"]  # Django's side and FastAPI's have classes of the same names

toc_object_entries_show_parents = "hide"
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
autodoc_typehints_format = "short"
autodoc_class_signature = "mixed"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
python_maximum_signature_line_length = 88

html_theme = "furo"
html_title = "chanspec"
html_static_path = ["_static"]
html_css_files = ["wide.css"]
html_theme_options = {"navigation_with_keys": True}
