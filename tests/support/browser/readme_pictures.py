"""The two pictures of the page in the README, of a made-up short of ETH.

``readme_pictures.py URL``: of the service at ``URL``, into ``docs/figures``. Take them anew when the page has changed;
needs ``PYTHONPATH=service:tests`` and the environment of `make browser-test`.
"""

import io
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from PIL import Image
from playwright.sync_api import Browser

from support.browser.chromium import launch_chromium
from support.browser.showcase import ETH_SHORT, address_of
from support.running import ROOT

_COLOURS: Final = 48  # of the page, and those between them at the edges of letters


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A picture: where it is, and the window and scheme that it is taken with."""

    name: str
    width: int
    height: int
    scheme: Literal["light", "dark"]
    place: str  # of the page, at the top of the picture

    @property
    def path(self) -> Path:
        """Its file."""
        return ROOT / "docs" / "figures" / self.name


PICTURES: Final = (
    Picture(name="page-desk-light.png", width=1280, height=880, scheme="light", place=""),
    Picture(name="page-telephone-dark.png", width=360, height=880, scheme="dark", place="#outcome"),
)


def take(browser: Browser, url: str, picture: Picture) -> bytes:
    """A picture as PNG, with few colours."""
    context = browser.new_context(
        base_url=url,
        color_scheme=picture.scheme,
        viewport={"width": picture.width, "height": picture.height},
    )
    page = context.new_page()
    page.goto(address_of(ETH_SHORT) + picture.place)
    taken = Image.open(io.BytesIO(page.screenshot())).convert("RGB")
    context.close()
    small = io.BytesIO()
    taken.quantize(_COLOURS, dither=Image.Dither.NONE).save(small, format="PNG", optimize=True)
    return small.getvalue()


def main(url: str) -> None:
    """Take both."""
    with launch_chromium() as browser:
        for picture in PICTURES:
            picture.path.write_bytes(take(browser, url, picture))


if __name__ == "__main__":
    main(*sys.argv[1:])
