"""A user's keys: where they come from, and that nothing that is said holds them."""

import base64
import hashlib
import hmac
import json
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adlrisk.positions.credentials import Credentials, read_credentials
from adlrisk.settings import VENUE_CREDENTIALS, SettingsError, find_unknown_variables, variable_of

SHORT = 'p&s "ö\\'
SECRET = "s3cret/with+signs&spaces in=it"  # noqa: S105 (made up)


def encoded(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def test_only_what_the_venue_asks_for_is_read(tmp_path: Path) -> None:
    """A key from its variable, a secret from its file; a password nobody asked for is left where it is."""
    file = tmp_path / "secret"
    file.write_text(f"{SECRET}\n")
    environ = {
        "ADLRISK_VENUE_KEY": "a-key-for-tests",
        "ADLRISK_VENUE_SECRET_FILE": str(file),
        "ADLRISK_VENUE_PASSWORD_FILE": str(tmp_path / "absent"),
    }
    found = read_credentials(("apiKey", "secret"), venue="binance", environ=environ)
    assert found.given == {"apiKey": "a-key-for-tests", "secret": SECRET}
    assert repr(found) == "Credentials(apiKey, secret)"


def test_what_is_missing_is_named() -> None:
    """By its variable, with nothing of what is there."""
    with pytest.raises(SettingsError, match="okx asks for ADLRISK_VENUE_SECRET and ADLRISK_VENUE_PASSWORD,") as refused:
        read_credentials(
            ("apiKey", "secret", "password"), venue="okx", environ={"ADLRISK_VENUE_KEY": "a-key-for-tests"}
        )
    assert "a-key-for-tests" not in str(refused.value)


@pytest.mark.parametrize("name", VENUE_CREDENTIALS)
def test_the_variables_are_known(name: str) -> None:
    """The service does not report them as misspelt, nor their files; others like them it does."""
    variable = variable_of(name)
    assert find_unknown_variables({variable: "x", f"{variable}_FILE": "/x"}) == ()
    assert find_unknown_variables({f"{variable}S": "x"}) == (f"{variable}S",)


@pytest.mark.parametrize(
    "form",
    [SECRET, quote(SECRET), quote_plus(SECRET), repr({"x": SECRET}), json.dumps([SECRET]), SECRET * 2],
)
def test_no_form_of_a_secret_is_said(form: str) -> None:
    """As it is, in a URL, in JSON or in a repr."""
    said = Credentials({"secret": SECRET}).scrubbed(f"refused: {form} (told)")
    assert SECRET not in said
    assert quote_plus(SECRET) not in said
    assert said.startswith("refused: ")
    assert said.endswith("(told)")


@pytest.mark.parametrize("form", [quote(SHORT), quote_plus(SHORT), repr(SHORT), json.dumps(SHORT), encoded(SHORT)])
def test_no_form_of_a_short_passphrase_is_said(form: str) -> None:
    """Too short to look like a signature, it is known by its own forms."""
    said = Credentials({"password": SHORT}).scrubbed(f"refused: {form} (told)")
    assert said.strip('"') in ("refused: [hidden] (told)", "refused: '[hidden]' (told)", 'refused: "[hidden]" (told)')


def test_no_signature_is_said() -> None:
    """Neither in hexadecimal nor in base 64, in a URL or beside it; the venue's own words stay."""
    digest = hmac.new(SECRET.encode(), b"timestamp=1", hashlib.sha256)
    signature, encoded = digest.hexdigest(), base64.b64encode(digest.digest()).decode()
    url = f"https://okx.com/api/v5/x?a=1&signature={signature}"
    text = f"okx GET {url} {{'SIGN': '{encoded}'}} 401 Invalid Sign {signature}"
    said = Credentials({"secret": SECRET}).scrubbed(text)
    assert signature not in said
    assert encoded[:12] not in said
    assert said == "okx GET https://okx.com/api/v5/x?[hidden] {'SIGN': '[hidden]'} 401 Invalid Sign [hidden]"


def test_a_secret_too_short_to_find_takes_all_text_with_it() -> None:
    """Hiding each "abc" would show where it stood."""
    assert Credentials({"apiKey": "long-enough-key", "password": "abc"}).scrubbed("abc is abc") == "[hidden]"


@given(secret=st.text(min_size=6, max_size=60), before=st.text(max_size=40), after=st.text(max_size=40))
def test_no_secret_survives(secret: str, before: str, after: str) -> None:
    """Whatever it is made of and stands between."""
    said = Credentials({"secret": secret}).scrubbed(f"{before}{secret}{after}")
    assert secret not in said.replace("[hidden]", "\0")
