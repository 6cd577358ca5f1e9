"""Keeps this distribution and those it stands in for apart: both would own the same files."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version

DISTRIBUTION = "chanspec-dropin"
ORIGINALS = ("django-channels-spectacular", "chanx")


def refuse_beside_originals() -> None:
    """Raise ``ImportError`` where a distribution is installed that brings the same import names."""
    found = [original for original in ORIGINALS if _is_installed(original)]
    if not found:
        return
    names = " and ".join(found)
    raise ImportError(
        f"{DISTRIBUTION} provides the import names channels_spectacular and chanx, and {names}, which "
        f"{'is' if len(found) == 1 else 'are'} installed too, would provide the same: whose file is imported would be "
        f"chance. To go on with chanspec: `pip uninstall {' '.join(found)}`, then "
        f"`pip install --force-reinstall --no-deps {DISTRIBUTION}`, because the first took files of the second away. "
        f"To go back: `pip uninstall {DISTRIBUTION}`, then "
        f"`pip install --force-reinstall --no-deps {' '.join(found)}`."
    )


def _is_installed(distribution: str) -> bool:
    try:
        version(distribution)
    except PackageNotFoundError:
        return False
    return True
