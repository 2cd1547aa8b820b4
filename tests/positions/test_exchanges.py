"""Which of ccxt's exchanges an account is at, by the name that it was asked for."""

import ccxt
import pytest

from adlrisk.library import catalogue
from adlrisk.positions.account import open_account
from adlrisk.positions.requests.exchanges import OTHER_CARDS, Exchange, find_exchange
from adlrisk.positions.requests.venue_calls import AccountError

ENVIRON = {
    "ADLRISK_VENUE_KEY": "a-read-only-key-for-tests",
    "ADLRISK_VENUE_SECRET": "a-secret-for-tests",
    "ADLRISK_VENUE_PASSWORD": "a-passphrase",
    "ADLRISK_VENUE_WALLET": "42trU9A5mJbP3gKcQ7LxNn5vU6yT8sR1dF4hJ2kM9pWq",
}


@pytest.mark.parametrize(
    ("named", "exchange"),
    [
        ("binance", Exchange(name="binance", ccxt_id="binanceusdm")),
        ("binanceusdm", Exchange(name="binance", ccxt_id="binanceusdm")),
        ("deepcoin", Exchange(name="deepcoin", ccxt_id="deepcoin")),
        ("xt", Exchange(name="xt", ccxt_id="xt")),
        ("poloniex", Exchange(name="poloniex", ccxt_id="poloniex")),
    ],
)
def test_card_of_several_exchanges_is_read_at_the_one_that_is_named(named: str, exchange: Exchange) -> None:
    """A card of one exchange is that by either name; one of several is the exchange that ccxt knows by the name."""
    assert find_exchange(catalogue()[named].rules, named=named) == exchange


@pytest.mark.parametrize(("card", "named"), [("bitmex_family", "deepcoin, xt, poloniex"), ("orderly", "woofipro")])
def test_card_of_several_exchanges_asks_for_one(card: str, named: str) -> None:
    """The card's own id names none of them, and the refusal lists those that can be named."""
    with pytest.raises(AccountError, match=f"{card} stands for several exchanges: name one of {named}"):
        find_exchange(catalogue()[card].rules, named=card)


@pytest.mark.parametrize(
    ("named", "why"),
    [
        ("coinbase", "it is closed"),
        ("coinbaseinternational", "it is closed"),
        ("woofipro", "id of the account beside the keys"),
        ("modetrade", "id of the account beside the keys"),
        ("woo", "includes unrealized profit is not documented"),
        ("edgex", "ccxt does not support edgeX"),
        ("grvt", "private key that can also trade"),
        ("lbank", "ccxt cannot read the positions at lbank"),
    ],
)
def test_exchange_that_cannot_be_read_is_refused_with_the_reason(named: str, why: str) -> None:
    """Before any request, whatever keys there are."""
    with pytest.raises(AccountError, match=why):
        open_account(catalogue()[named].rules, environ=ENVIRON, named=named)


@pytest.mark.parametrize(
    ("named", "ccxt_id", "key", "wallet"),
    [
        ("xt", "xt", True, False),
        ("extended", "extended", True, False),
        ("pacifica", "pacifica", False, True),
        ("deribit", "deribit", True, False),
    ],
)
def test_account_is_opened_at_the_exchange_with_the_credentials_that_reading_needs(
    named: str, ccxt_id: str, *, key: bool, wallet: bool
) -> None:
    """No key is taken where positions are public; none that signs orders, ever."""
    account = open_account(catalogue()[named].rules, environ=ENVIRON, named=named)
    exchange = account._exchange  # noqa: SLF001 (it has no other reader)
    account.close()
    assert type(exchange) is getattr(ccxt, ccxt_id)
    assert (bool(exchange.apiKey), bool(exchange.walletAddress), bool(exchange.privateKey)) == (key, wallet, False)


def test_cards_of_one_exchange_name_each_other() -> None:
    """What one leaves out, the other reads."""
    assert all(OTHER_CARDS[other] == card for card, other in OTHER_CARDS.items())
