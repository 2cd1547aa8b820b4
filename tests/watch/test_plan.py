"""The plan of a watch: options before settings, and no secret in what is shown."""

from pathlib import Path
from typing import Any

import pytest

from adlrisk.settings import Settings, SettingsError, find_unknown_variables, read_watch_settings
from adlrisk.watch.plan import Options, Plan, PlanError, make_plan

SECRET = "hunter2-hunter2"  # noqa: S105 (of nobody)


def plan_of(environ: dict[str, str] | None = None, *, settings: Settings | None = None, **options: Any) -> Plan:
    given = environ or {}
    return make_plan(
        Options(**{"accounts": ["okx"], **options}),
        watch_settings=read_watch_settings(given),
        settings=settings or Settings(),
        environ=given,
    )


def test_options_go_before_settings_and_lists_of_both_are_added() -> None:
    """One number is the option's; accounts and receivers are those of both."""
    environ = {
        "ADLRISK_WATCH_ACCOUNTS": "desk=binance, gate",
        "ADLRISK_WATCH_NOTIFY": "json://one\n json://two",
        "ADLRISK_WATCH_INTERVAL_SECONDS": "30",
        "ADLRISK_WATCH_MESSAGES_PER_MINUTE": "4",
        "ADLRISK_WATCH_SERVICE": "http://of-settings",
        "ADLRISK_WATCH_STATE": "/of/settings",
    }
    plan = plan_of(environ)
    assert [one.name for one in plan.accounts] == ["okx", "desk", "gate"]
    assert [one.url for one in plan.receivers] == ["json://one", "json://two"]
    assert (plan.interval_seconds, plan.messages_per_minute, plan.service) == (30.0, 4, "http://of-settings")
    assert plan.state == Path("/of/settings")
    plan = plan_of(
        environ, notify=["json://three"], interval_seconds=5.0, messages_per_minute=1, service="http://x", state="~/y"
    )
    assert [one.url for one in plan.receivers] == ["json://three", "json://one", "json://two"]
    assert (plan.interval_seconds, plan.messages_per_minute, plan.service) == (5.0, 1, "http://x")
    assert plan.state == Path.home() / "y"


def test_the_state_is_in_the_users_folder_of_states_by_default() -> None:
    """Below XDG_STATE_HOME where that is a whole path, else in ~/.local/state."""
    assert plan_of({"XDG_STATE_HOME": "/states"}).state == Path("/states/adlrisk/watch.json")
    for unset in ({}, {"XDG_STATE_HOME": "relative"}):
        assert plan_of(unset).state == Path.home() / ".local/state/adlrisk/watch.json"


def test_a_state_in_redis_needs_its_url() -> None:
    """Without one the variable is named."""
    assert plan_of(state="redis", settings=Settings(redis_url="redis://r")).state is None
    with pytest.raises(PlanError, match="ADLRISK_REDIS_URL"):
        plan_of(state="redis")


@pytest.mark.parametrize(
    ("environ", "options", "named"),
    [
        ({}, {"service": "localhost:8000"}, "--service"),
        ({"ADLRISK_WATCH_SERVICE_KEY": "schlüssel"}, {}, "ADLRISK_WATCH_SERVICE_KEY"),
        ({}, {"accounts": []}, "--account"),
        ({}, {"notify": [SECRET]}, "receiver 1"),
    ],
)
def test_what_cannot_be_is_refused_by_its_name_and_not_shown(
    environ: dict[str, str], options: dict[str, Any], named: str
) -> None:
    """One line that names option or variable."""
    with pytest.raises(PlanError, match=named) as refused:
        plan_of(environ, **options)
    assert SECRET not in str(refused.value)
    assert "schlüssel" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("ADLRISK_WATCH_ACCOUNTS", "a;b"),
        ("ADLRISK_WATCH_INTERVAL_SECONDS", "4.9"),
        ("ADLRISK_WATCH_INTERVAL_SECONDS", "soon"),
        ("ADLRISK_WATCH_MESSAGES_PER_MINUTE", "0"),
        ("ADLRISK_WATCH_SERVICE", "localhost"),
    ],
)
def test_an_invalid_setting_is_named(variable: str, value: str) -> None:
    """As of the service."""
    with pytest.raises(SettingsError, match=variable):
        read_watch_settings({variable: value})


def test_reprs_show_no_secret() -> None:
    """Reprs end up in tracebacks."""
    environ = {"ADLRISK_WATCH_SERVICE_KEY": SECRET, "ADLRISK_WATCH_NOTIFY": f"json://host/{SECRET}"}
    settings, plan = read_watch_settings(environ), plan_of(environ)
    assert SECRET not in repr(settings) + repr(plan) + repr(Options(notify=[f"json://host/{SECRET}"]))
    assert settings.watch_service_key == plan.service_key == SECRET


def test_variables_of_accounts_are_known_and_misspelt_ones_reported() -> None:
    """Any NAME has its keys; another end is no variable."""
    known = {f"ADLRISK_ACCOUNT_MY_DESK_{end}": "x" for end in ("KEY", "SECRET_FILE", "PASSWORD", "WALLET_FILE")}
    known |= {"ADLRISK_WATCH_STATE": "x", "ADLRISK_WATCH_NOTIFY_FILE": "x", "ADLRISK_WATCH_SERVICE_KEY_FILE": "x"}
    wrong = {"ADLRISK_ACCOUNT_DESK_KEYS": "x", "ADLRISK_ACCOUNT_KEY": "x", "ADLRISK_WATCH_STATE_FILE": "x"}
    assert find_unknown_variables(known | wrong) == tuple(sorted(wrong))
