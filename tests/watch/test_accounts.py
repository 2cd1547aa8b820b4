"""Which accounts are watched, and where their keys are."""

import pytest

from adlrisk.watch.accounts import AccountsError, parse_accounts


def keys_of(*named: str, **environ: str) -> list[tuple[str, str, str]]:
    return [(one.name, one.venue, one.keys) for one in parse_accounts(named, environ=environ)]


def test_each_account_has_keys_of_its_own_name() -> None:
    """The name is the venue's unless one is given; in variables a dash is an underscore."""
    assert keys_of("binance", "desk-2=okx") == [
        ("binance", "binance", "account_binance"), ("desk-2", "okx", "account_desk_2"),
    ]  # fmt: skip


@pytest.mark.parametrize("variable", ["ADLRISK_VENUE_KEY", "ADLRISK_VENUE_WALLET_FILE"])
def test_a_sole_account_may_have_the_keys_of_adlrisk_positions(variable: str) -> None:
    """But its own go first, several have theirs alone, and empty variables are none."""
    given = {variable: "x"}
    assert keys_of("okx", **given) == [("okx", "okx", "venue")]
    assert keys_of("okx", ADLRISK_ACCOUNT_OKX_KEY="y", **given) == [("okx", "okx", "account_okx")]
    assert [keys for _, _, keys in keys_of("okx", "gate", **given)] == ["account_okx", "account_gate"]
    assert keys_of("okx", **{variable: ""}) == [("okx", "okx", "account_okx")]


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ((), "--account binance"),
        (("desk=",), "'desk='"),
        (("=okx",), "'=okx'"),
        (("my desk=okx",), "'my desk=okx'"),
        (("-x=okx",), "'-x=okx'"),
        ((f"{'n' * 33}=okx",), "at most 32"),
        (("binance", "binance"), "'binance' and 'binance'"),
        (("a-b=okx", "A_B=gate"), "ADLRISK_ACCOUNT_A_B_KEY"),
    ],
)
def test_what_is_no_account_or_would_share_keys_is_refused(named: tuple[str, ...], says: str) -> None:
    """One line that names the option and shows what was given."""
    with pytest.raises(AccountsError, match="account") as refused:
        parse_accounts(named, environ={})
    assert says in str(refused.value)
    assert "\n" not in str(refused.value)
