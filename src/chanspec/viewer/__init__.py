"""The documentation page as any framework serves it: its HTML and its built files. It knows no requests."""

from chanspec.viewer.assets import ASSET_NAMES, Asset, AssetsNotBuiltError, UnknownAssetError, asset
from chanspec.viewer.html import DocumentLink, TryItOut, body, head, versioned

__all__ = [
    "ASSET_NAMES",
    "Asset",
    "AssetsNotBuiltError",
    "DocumentLink",
    "TryItOut",
    "UnknownAssetError",
    "asset",
    "body",
    "head",
    "versioned",
]
