"""The example requests and answers, which the document, its tests and the README share."""

import json
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Any


def read_example(name: str) -> Any:
    """Read an example file by name, such as ``score.request``."""
    return json.loads((examples_directory() / f"{name}.json").read_bytes())


def examples_directory() -> Traversable:
    """Return the directory of the examples: in the installed package, else in the repository."""
    installed = files("adlrisk") / "openapi_examples"
    return installed if installed.is_dir() else Path(__file__).parents[5] / "openapi" / "examples"
