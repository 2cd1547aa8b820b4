"""Card files: a folder of the operators' own cards replaces bundled ones and adds venues."""

import os
from pathlib import Path

import pytest

from adlrisk.venues import catalogue
from adlrisk.venues.card_files import CardError
from adlrisk.venues.catalogue import load_catalogue

BUNDLED = Path(catalogue.__file__).parent / "cards"
OWN = """
id = "own_venue"
name = "Own venue"
kind = "exchange"
contracts = ["linear"]
mechanism = "queue"
confidence = "approximation"
[ranking]
formula = "pnl_leverage"
[[sources]]
title = "A desk's own notes"
where = "the desk"
read = 2026-11-28
"""
METER = """[meter]
field = "place"
endpoint = "GET /place"
direction_confidence = "documented"
scale = "{}"
{}
"""


def test_a_local_card_adds_a_venue(tmp_path: Path) -> None:
    """The venue of a new id is in the catalogue, its source is `local`, and the bundled ones stay as they are."""
    (tmp_path / "own_venue.toml").write_text(OWN)
    found, bundled = load_catalogue(cards=str(tmp_path)), load_catalogue()
    assert set(found) - set(bundled) == {"own_venue"}
    assert (found["own_venue"].rules.name, found["own_venue"].ref.source) == ("Own venue", "local")
    assert (found["okx"].ref.source, found["okx"].revision) == ("catalogue", bundled["okx"].revision)
    assert found.revision != bundled.revision


def test_a_local_card_replaces_the_bundled_one(tmp_path: Path) -> None:
    """The whole card is replaced, not merged; changes of a running service then apply to it."""
    (tmp_path / "okx.toml").write_text(OWN.replace("own_venue", "okx"))
    found = load_catalogue(cards=str(tmp_path))
    assert len(found) == len(load_catalogue())
    assert (found["okx"].rules.name, found["okx"].rules.meter, found["okx"].source) == ("Own venue", None, "local")
    changed = found.with_overrides({"okx": {"score": {"leverage": 9.0}}})["okx"]
    assert (changed.rules.name, changed.rules.score.leverage, changed.source) == ("Own venue", 9.0, "override")
    assert found.with_overrides({})["okx"].source == "local"


def test_a_folder_as_kubernetes_mounts_it_is_read(tmp_path: Path) -> None:
    """A mounted ConfigMap has links to files in a hidden folder: the links are read, the folder is not."""
    hidden = tmp_path / "..2026_11_28"
    hidden.mkdir()
    (hidden / "own_venue.toml").write_text(OWN)
    (tmp_path / "..data").symlink_to(hidden)
    (tmp_path / "own_venue.toml").symlink_to(Path("..data") / "own_venue.toml")
    assert "own_venue" in load_catalogue(cards=str(tmp_path))


@pytest.mark.parametrize(
    ("file", "content", "message"),
    [
        (
            "own_venue.toml",
            OWN.replace("pnl_leverage", "by_name"),
            "own_venue.toml: ranking.formula: must be `pnl_leverage` or .*, not 'by_name'",
        ),
        (
            "own_venue.toml",
            OWN.replace("2026-11-28", '"soon"'),
            r"own_venue.toml: sources\[0\].read: must be a day such as 2026-11-18, not text",
        ),
        ("own_venue.toml", OWN + "colour = 1\n", r"own_venue.toml: sources\[0\].colour: unknown field"),
        ("own_venue.toml", OWN.replace('kind = "exchange"', ""), "own_venue.toml: kind: required, but missing"),
        ("own_venue.toml", "id = ", "own_venue.toml: Invalid value"),
        ("other.toml", OWN, "other.toml: id: 'own_venue' is not the name of the file"),
        ("own_venue.yaml", OWN, "own_venue.yaml: the name of a card is its id and .toml"),
        ("own_venue.toml", "x = " + "9" * 5000, "own_venue.toml: "),
        ("own_venue.toml", "x = " + "[" * 100_000, "own_venue.toml: nested too deeply"),
        ("own_venue.toml", "#" * ((1 << 20) + 1), "own_venue.toml: larger than 1048576 bytes"),
        (
            "own_venue.toml",
            OWN + METER.format("levels", "levels = [9, 3, 2, 1, 1001]"),
            r"own_venue.toml: meter.levels\[4\]",
        ),
        ("own_venue.toml", OWN + METER.format("fraction", "none = [nan]"), r"own_venue.toml: meter.none\[0\]"),
        ("own_venue.toml", OWN + METER.format("fraction", "none = [inf]"), r"own_venue.toml: meter.none\[0\]"),
        ("README", "", "README: the name of a card is its id and .toml"),
    ],
)
def test_a_broken_folder_names_file_and_field(tmp_path: Path, file: str, content: str, message: str) -> None:
    """Whatever in the folder is no valid card refuses the whole: a card that is passed over would be a wrong rule."""
    (tmp_path / "okx.toml").write_text((BUNDLED / "okx.toml").read_text())
    (tmp_path / file).write_text(content)
    with pytest.raises(CardError, match=message):
        load_catalogue(cards=str(tmp_path))


def test_what_is_no_readable_card_is_named(tmp_path: Path) -> None:
    """A folder that is not there, a file in its place, a folder in a card's place, and a link to nothing."""
    (tmp_path / "folder").mkdir()
    with pytest.raises(CardError, match="absent: no folder"):
        load_catalogue(cards=str(tmp_path / "absent"))
    card = tmp_path / "folder" / "okx.toml"
    card.mkdir()
    with pytest.raises(CardError, match=r"okx\.toml: no file"):
        load_catalogue(cards=str(tmp_path / "folder"))
    card.rmdir()
    card.symlink_to("nowhere")
    with pytest.raises(CardError, match=r"okx\.toml: no file"):
        load_catalogue(cards=str(tmp_path / "folder"))
    card.unlink()
    os.mkfifo(card)
    with pytest.raises(CardError, match=r"okx\.toml: no file"):  # without waiting for a writer
        load_catalogue(cards=str(tmp_path / "folder"))
    (tmp_path / "file").write_text("")
    with pytest.raises(CardError, match="file: no folder"):
        load_catalogue(cards=str(tmp_path / "file"))
