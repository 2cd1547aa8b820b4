"""The summary of a margin account against the whole answer."""

import msgspec

from adlrisk import Account, account
from adlrisk.summaries.account_summary import summarise_account
from support.running import example


def summary_of(asked: Account) -> str:
    """The summary on one line."""
    return " ".join(summarise_account(asked, account(asked)).split())


def account_of(name: str, **changes: object) -> Account:
    """An example with changes to its first leg."""
    asked = example(f"{name}.request")
    first, *others = asked["positions"]
    return msgspec.convert({**asked, "positions": [{**first, **changes}, *others]}, Account)


def test_the_hedge_of_the_readme_is_summarised() -> None:
    """A long of 1 BTC at 50,000 and a short of 0.9 on 1,000: 95,000 and 5,000 of notional to 1,000; 45,000 left."""
    text = summary_of(account_of("account-hedge"))
    assert text.startswith("account of 2 legs at okx, as of ")
    assert "equity 1000, maintenance margin 380, margin ratio 38 %" in text
    assert "gross leverage 95, net leverage 5, liquidation if all marks fall by 13." in text
    assert "BTC-USDT-SWAP: long first, net notional then -45000" in text


def test_every_leg_has_a_part() -> None:
    """Each has its guidance, danger, standing and first action, in the order of the request."""
    for name in ("account", "account-hedge"):
        asked = account_of(name)
        rest = summary_of(asked)
        for leg, scored in zip(asked.positions, account(asked).positions, strict=True):
            _, found, rest = rest.partition(f" {leg.margin_mode} leg {leg.id}: ")
            assert found
            assert f"{scored.guidance} danger {scored.nearer_danger.danger}: {scored.nearer_danger.reason}" in rest
            assert f"standing {scored.standing.place}: {scored.standing.reason}" in rest
            assert all(f"1. {first.action}: {first.reason}" in rest for first in scored.actions[:1])


def test_a_leg_that_cannot_be_scored_says_why() -> None:
    """The others are summarised; what would follow from all legs is unknown."""
    text = summary_of(account_of("account-hedge", adl_meter=9))
    assert "not scored adl cannot read 9: it runs 5, 4, 3, 2, 1 from reduced first to last" in text
    assert text.count(" guidance ") == 1
    assert "which leg comes first is unknown" in text


def test_an_account_beyond_its_margin_is_due() -> None:
    """A move of 0 % is no move: the liquidation is due."""
    text = summary_of(msgspec.structs.replace(account_of("account-hedge"), wallet_balance=300))
    assert "margin ratio 126.667 %" in text
    assert "net leverage 16.6667, liquidation is due" in text
    assert "by 0 %" not in text
