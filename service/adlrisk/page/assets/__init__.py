"""Style, script and icon of the page, each under a name that changes with its content, so that browsers may keep it."""

import hashlib
from importlib.resources import files
from typing import Final

from msgspec import Struct

_DIGITS: Final = 10


class Asset(Struct, frozen=True, kw_only=True):
    """A file of the page as it is sent."""

    name: str
    content: bytes
    media_type: str

    @property
    def digest(self) -> str:
        """A digest of its content."""
        return hashlib.sha256(self.content).hexdigest()[:_DIGITS]

    @property
    def lasting_name(self) -> str:
        """Its name with the digest in it."""
        stem, _, ending = self.name.partition(".")
        return f"{stem}.{self.digest}.{ending}"

    @property
    def address(self) -> str:
        """Where a page finds it."""
        return f"/page/{self.lasting_name}"


def _load_assets() -> dict[str, Asset]:
    folder = files(__name__)
    sheets = sorted(path.name for path in folder.joinpath("styles").iterdir() if path.name.endswith(".css"))
    style = b"".join(folder.joinpath("styles", name).read_bytes() for name in sheets)
    assets = (
        Asset(name="page.css", content=style, media_type="text/css; charset=utf-8"),
        Asset(
            name="page.js", content=folder.joinpath("page.js").read_bytes(), media_type="text/javascript; charset=utf-8"
        ),
        Asset(name="icon.svg", content=folder.joinpath("icon.svg").read_bytes(), media_type="image/svg+xml"),
    )
    return {asset.name: asset for asset in assets}


ASSETS: Final = _load_assets()
