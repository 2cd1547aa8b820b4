"""Local cards in docs/parameters.md and docs/deployment.md: the commands, run as they are there, and the room."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

from adlrisk.venues import catalogue
from adlrisk.venues.card_files import read_local_cards
from support.curl import commands_in
from support.running import ROOT
from support.serve_process import PROGRAM

CARDS = Path(catalogue.__file__).parent / "cards"
_, _, SECTION = (ROOT / "docs" / "parameters.md").read_text().partition("\n## Local cards\n")
COMMANDS = commands_in(SECTION.partition("\n## ")[0])


def run(command: str, folder: Path) -> str:
    """The output of a command, with the program and the cards of this checkout."""
    here = command.replace(".venv/bin/adlrisk", shlex.join(PROGRAM)).replace("service/adlrisk/venues/cards", str(CARDS))
    return subprocess.run(
        ["sh", "-ec", here], cwd=folder, capture_output=True, text=True, timeout=60, check=True
    ).stdout


def test_a_copied_card_is_checked_and_served(tmp_path: Path) -> None:
    """The first three commands make a folder with a valid card; the fourth names it to the service."""
    *prepare, serve = COMMANDS[:4]
    outputs = [run(command, tmp_path) for command in prepare]
    assert re.fullmatch(r"okx [0-9a-f]{12} replaces a bundled card\n", outputs[-1])
    assert serve == "ADLRISK_CARDS_DIR=mycards make run"


def test_an_installed_package_has_the_cards(tmp_path: Path) -> None:
    """The Python that the command for the image runs prints the bundled card, which the last command checks."""
    print_card, check = COMMANDS[4:]
    (tmp_path / "mycards").mkdir()
    image = r"docker run --rm --entrypoint python registry\.example/adlrisk:\S+"
    run(re.sub(image, shlex.quote(sys.executable), print_card), tmp_path)
    assert read_local_cards(str(tmp_path / "mycards")) == {"okx": catalogue.load_catalogue()["okx"].rules}
    assert re.search(r'--volume "\$PWD/mycards:/mycards:ro" \S+ check-cards /mycards$', check)


def test_all_bundled_cards_fit_several_times_into_a_config_map() -> None:
    """Kubernetes takes 1 MiB."""
    assert 4 * sum(card.stat().st_size for card in CARDS.iterdir()) < 1024**2
