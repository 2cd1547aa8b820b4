"""Releases: the version and where it is stated, the changelog, and what a release consists of.

The modules that the first step of the release workflow runs need nothing but Python.
"""

from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]


class ReleaseError(Exception):
    """Something about the release is wrong; the message says what, and what to do."""
