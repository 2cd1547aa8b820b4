"""The catalogue: every card is valid, and an error in a card names its field."""

import tomllib
from pathlib import Path

import msgspec
import pytest

from adlrisk.domain.rules.card import VenueRules
from adlrisk.venues import catalogue
from adlrisk.venues.card_files import CardError, read_card
from adlrisk.venues.catalogue import Catalogue, UnknownVenueError, load_catalogue, revision_of
from support.builders import rules

CARDS = Path(catalogue.__file__).parent / "cards"


def test_card_ids_match_their_file_names() -> None:
    """Each card's file has the name of its id."""
    assert list(load_catalogue()) == sorted(path.stem for path in CARDS.glob("*.toml"))


def test_every_card_says_which_contracts_its_venue_has() -> None:
    """None leaves it to the default, which is for overrides that remove the value."""
    for path in CARDS.glob("*.toml"):
        assert "contracts" in tomllib.loads(path.read_text()), path.name


def test_an_unknown_venue_raises_its_own_error() -> None:
    """The error names the venue."""
    with pytest.raises(UnknownVenueError) as error:
        load_catalogue()["nowhere"]
    assert error.value.venue == "nowhere"
    assert "nowhere" not in load_catalogue()
    assert load_catalogue().get("nowhere") is None


def test_ccxt_ids_that_name_one_card_are_aliases() -> None:
    """A card is found under its alias; an id that two cards have, or that is a card's own, is none."""
    found = load_catalogue()
    assert found.aliases == {
        "binanceusdm": "binance",
        "binancecoinm": "binance_coinm",
        "coinbaseinternational": "coinbase",
        "deepcoin": "bitmex_family",
        "krakenfutures": "kraken",
        "kucoinfutures": "kucoin",
        "modetrade": "orderly",
        "poloniex": "bitmex_family",
        "woo": "orderly",
        "woofipro": "orderly",
        "xt": "bitmex_family",
    }
    for alias, id_ in found.aliases.items():
        assert found[alias] is found[id_]
        assert alias in found
        assert alias not in list(found)
    made_up = Catalogue(
        {"one": rules(id="one", ccxt=("shared", "two", "alias")), "two": rules(id="two", ccxt=("shared", "one"))}
    )
    assert made_up.aliases == {"alias": "one"}
    assert made_up["two"].ref.id == "two"
    with pytest.raises(UnknownVenueError):
        made_up["shared"]
    overridden = made_up.with_overrides({"one": {"score": {"leverage": 9.0}}})
    assert overridden["alias"].rules.score.leverage == 9.0


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("gateio", "gate"), ("okex", "okx"), ("Binance", "binance"), (" OKX ", "okx"), ("huobi", "htx"),
        ("binance-futures", "binance"), ("binancecoin", "binance_coinm"), ("krakenfuture", "kraken"),
        ("bitmart", "bitmex_family"), ("JuCoin", "bitmex_family"), ("woox", "orderly"), ("WOO X", "orderly"),
        ("deribit_linear", "deribit"), ("deribit_invers", "deribit_inverse"), ("gate.io", "gate"), ("okx.com", "okx"),
        ("kraken-futures", "kraken"), ("hyperlquid", "hyperliquid"), ("mxc", "mexc"), ("hyper", "hyperliquid"),
        ("poloneix", "bitmex_family"), ("crypto.com", "cryptocom"), ("bybit-swap", "bybit"), ("bybitswap", "bybit"),
        # exchanges without a card, some named like one
        ("bitfinex", None), ("bithumb", None), ("bitrue", None), ("bitmax", None), ("bitstamp", None), ("btcex", None),
        ("okcoin", None), ("xtreme", None), ("upbit", None), ("bitflyer", None), ("coincheck", None), ("okj", None),
        ("binanc", "binance"), ("coin", None), ("hyp", None), ("bit", None), ("closed", None), ("_", None),
        ("nowhere", None), ("", None), ("\ud83d", None), ("b" * 1000, None),
    ],
)  # fmt: skip
def test_an_unknown_venue_has_its_nearest_id(name: str, meant: str | None) -> None:
    """The id that was probably meant is named, never an alias; none is better than one that is not near."""
    with pytest.raises(UnknownVenueError) as error:
        load_catalogue()[name]
    assert error.value.nearest == meant
    assert len(str(error.value)) < 200


def test_a_revision_is_a_hash_of_the_content() -> None:
    """Any change of a card changes its revision; reading it again does not."""
    rules = load_catalogue()["okx"].rules
    assert revision_of(rules) == load_catalogue()["okx"].ref.revision
    for change in ({"name": "OKX "}, {"unknown": ()}, {"maintenance_basis": "entry"}):
        assert revision_of(msgspec.structs.replace(rules, **change)) != revision_of(rules)
    revisions = {venue.ref.revision for venue in load_catalogue().values()}
    assert len(revisions) == len(load_catalogue())


BROKEN = [
    ('id = "okx"', 'id = "oxk"', "id"),
    ('kind = "exchange"', 'kind = "bank"', "kind"),
    ("levels = [5, 4, 3, 2, 1]", "levels = [5, 4, 3, 2]", "levels"),
    ("levels = [5, 4, 3, 2, 1]", "levels = [5, 4, 3, 2, 2]", "levels"),
    ("also_lowest = [0]", "also_lowest = [1]", "levels"),
    ('formula = "pnl_leverage"', 'formula = "pnl"', "formula"),
    ('mechanism = "queue"', 'mechanism = "none"', "mechanism"),
    ('price = "mark"', 'price = "market"', "execution.price"),
    ("read = 2026-11-22", 'read = "last week"', "sources[0].read"),
    ("[trigger]", "[tigger]", "tigger"),
    ("[trigger]", "[score]\nprofit = -1.0\n[trigger]", "score.profit"),
    (
        "[trigger]",
        '[score]\nthin_sessions = [{from = "Sat 20:00", to = "Sat 20:00"}]\n[trigger]',
        "score.thin_sessions[0]",
    ),
    (
        "[trigger]",
        '[score]\nthin_sessions = [{from = "Sat 24:00", to = "Sun 20:00"}]\n[trigger]',
        "thin_sessions[0].from",
    ),
    ('name = "OKX"', "name = ", "line"),
]


@pytest.mark.parametrize(("old", "new", "field"), BROKEN)
def test_an_invalid_card_error_names_file_and_field(tmp_path: Path, old: str, new: str, field: str) -> None:
    """The message of a card that cannot be used holds the file and the field."""
    good = (CARDS / "okx.toml").read_text()
    assert old in good
    (tmp_path / "okx.toml").write_text(good.replace(old, new, 1))
    with pytest.raises(CardError) as error:
        read_card(tmp_path / "okx.toml")
    assert "okx.toml" in str(error.value)
    assert field in str(error.value)


def test_a_card_survives_json() -> None:
    """A card encoded as JSON and decoded is the same."""
    for venue in load_catalogue().values():
        assert msgspec.json.decode(msgspec.json.encode(venue.rules), type=VenueRules) == venue.rules
