"""Receivers: apprise's URLs with variables in them, and no word of them in what is shown."""

from pathlib import Path

import pytest

from adlrisk.watch.delivery.receivers import Receiver, ReceiverError, parse_receivers

SECRET = "t0ken-0123456789"  # noqa: S105 (of nobody)


def urls_of(*given: str, **environ: str) -> list[str]:
    return [one.url for one in parse_receivers(given, environ=environ)]


def test_a_variable_stands_for_its_value_or_for_what_its_file_has(tmp_path: Path) -> None:
    """As it is, also for a whole URL; the newline at the end of a file is none of it."""
    file = tmp_path / "token"
    file.write_text(f"{SECRET}\n")
    assert urls_of("json://host/${TOKEN}", TOKEN=SECRET) == [f"json://host/{SECRET}"]
    assert urls_of("json://host/${TOKEN}", TOKEN_FILE=str(file)) == [f"json://host/{SECRET}"]
    assert urls_of("${URL}", URL="json://host/1:2@3") == ["json://host/1:2@3"]


@pytest.mark.parametrize(
    ("given", "environ", "says"),
    [
        (["nonsense"], {}, "receiver 1 .*not a URL of apprise"),
        (["json://a", f"nope://{SECRET}"], {}, r"receiver 2 .*nope://\[hidden\]"),
        ([f"tgram://{SECRET}"], {}, r"tgram://\[hidden\]"),
        (["json://a/${TOKEN}"], {}, "neither TOKEN nor TOKEN_FILE is set"),
        (["json://a/${TOKEN}"], {"TOKEN": SECRET, "TOKEN_FILE": "x"}, "both TOKEN and TOKEN_FILE"),
        (["json://a/${TOKEN}"], {"TOKEN_FILE": SECRET}, "TOKEN_FILE: the file cannot be read: No such file"),
        (["json://a/${}"], {}, "the name of a variable"),
        ([f"json://a/${{{SECRET}}}"], {}, "the name of a variable"),
        (["json://a", "json://a"], {}, "receiver 2 .*same as receiver 1"),
        (["file:///etc/passwd"], {}, r"file://\[hidden\]"),
    ],
)
def test_what_is_no_receiver_is_refused_without_its_url(given: list[str], environ: dict[str, str], says: str) -> None:
    """The message has the number, the scheme and names of variables."""
    with pytest.raises(ReceiverError, match=says) as refused:
        parse_receivers(given, environ=environ)
    assert SECRET not in str(refused.value)


def test_a_receiver_is_the_same_after_a_restart_with_another_token() -> None:
    """Its id is of the URL as it was written; it does not tell the token, and nor does the repr."""

    def one(url: str, token: str) -> Receiver:
        (found,) = parse_receivers([url], environ={"TOKEN": token})
        return found

    first, renewed = one("json://host/${TOKEN}", SECRET), one("json://host/${TOKEN}", "another")
    assert first.id == renewed.id != one("json://other/${TOKEN}", SECRET).id
    assert SECRET not in repr(first) + first.id + first.shown
    assert first.shown == "json://[hidden]"


def test_several_urls_in_one_are_refused(caplog: pytest.LogCaptureFixture) -> None:
    """Apprise would take them apart by commas; here each has a number. Its log, which shows them, is silent."""
    with pytest.raises(ReceiverError, match="receiver 1"):
        urls_of(f"json://{SECRET}, json://two")
    assert caplog.text == ""
