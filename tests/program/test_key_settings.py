"""API keys in the settings: digests with names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.settings import SettingsError, read_settings
from adlrisk.settings.keys import ConfiguredKey, list_keys

A, B, C = "a" * 64, "b" * 64, "c" * 64


def test_keys_have_the_names_before_them() -> None:
    """A digest without a name is unnamed; upper case digits, commas and lines are taken."""
    settings = read_settings({"ADLRISK_ADMIN_KEYS": f" ops:{A},\n{'B' * 64} desk.7:{C} "})
    assert list_keys({"admin_keys": settings.admin_keys}) == (
        ConfiguredKey("admin_keys", A, "ops"),
        ConfiguredKey("admin_keys", B, "unnamed"),
        ConfiguredKey("admin_keys", C, "desk.7"),
    )


def test_several_keys_may_have_one_name() -> None:
    """An old and a new key of one caller stand side by side, and so do its keys of different access."""
    found = list_keys({"api_keys": f"desk:{A},desk:{B}", "admin_keys": f"desk:{C}"})
    assert [(key.setting, key.name, key.label) for key in found] == [
        ("api_keys", "desk", "desk:aaaaaaaa"),
        ("api_keys", "desk", "desk:bbbbbbbb"),
        ("admin_keys", "desk", "desk:cccccccc"),
    ]
    assert list_keys({"api_keys": A})[0].label == "unnamed:aaaaaaaa"


def test_a_name_holds_for_its_key_in_every_setting() -> None:
    """A key that is named in one setting has that name in the others."""
    assert {key.name for key in list_keys({"api_keys": A, "admin_keys": f"ops:{A}"})} == {"ops"}


@pytest.mark.parametrize(
    ("environ", "why"),
    [
        (
            {"ADLRISK_API_KEYS": f"one:{A},two:{A}"},
            "ADLRISK_API_KEYS: entry 2 of api_keys: the key aaaaaaaa has two names, one and two",
        ),
        (
            {"ADLRISK_API_KEYS": f"one:{A}", "ADLRISK_ADMIN_KEYS": f"two:{A}"},
            "ADLRISK_API_KEYS, ADLRISK_ADMIN_KEYS: entry 1 of admin_keys: the key aaaaaaaa has two names, one and two",
        ),
        (
            {"ADLRISK_WRITE_KEYS": f"unknown:{A}"},
            "ADLRISK_WRITE_KEYS: entry 1 of write_keys: no key can have the name unknown",
        ),
        (
            {"ADLRISK_WRITE_KEYS": f"None:{A}"},
            "ADLRISK_WRITE_KEYS: entry 1 of write_keys: no key can have the name None",
        ),
        (
            {"ADLRISK_WRITE_KEYS": f"unnamed:{A}"},
            "ADLRISK_WRITE_KEYS: entry 1 of write_keys: no key can have the name unnamed",
        ),
    ],
)
def test_ambiguous_names_prevent_the_start(environ: dict[str, str], why: str) -> None:
    """A key with two names, or a name that stands for callers without a known key; the error names the variables."""
    with pytest.raises(SettingsError) as refused:
        read_settings(environ)
    assert str(refused.value).startswith(why)
    assert A not in str(refused.value)


@pytest.mark.parametrize(
    "entry",
    [f":{A}", f"-a:{A}", f"a b:{A}", f"a/b:{A}", f"é:{A}", f"{'n' * 33}:{A}", f"a:b:{A}", "ops:", "ops:" + A[1:]],
)
def test_malformed_names_are_refused(entry: str) -> None:
    """The error says what a name is, and does not repeat what was given, which may be a key."""
    with pytest.raises(SettingsError, match=r"ADLRISK_API_KEYS: .* 1 to 32 of A-Z a-z 0-9 \. _ -, the first a letter"):
        read_settings({"ADLRISK_API_KEYS": entry})
    read_settings({"ADLRISK_API_KEYS": f"{'n' * 32}:{A}"})


@given(st.permutations([f"x:{A}", f"y:{B}", C, f"y:{'d' * 64}"]), st.sampled_from([",", " ", "\n", ", ,"]))
def test_the_order_of_keys_means_nothing(entries: list[str], separator: str) -> None:
    """Keys in another order, or listed twice, are the same keys."""
    assert list_keys({"api_keys": separator.join([*entries, entries[0]])}) == list_keys(
        {"api_keys": f"x:{A},y:{B},{C},y:{'d' * 64}"}
    )
