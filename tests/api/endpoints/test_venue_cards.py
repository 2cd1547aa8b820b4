"""``GET /venues`` and ``GET /venues/{venue}``."""

import httpx
import pytest

from adlrisk.venues.catalogue import load_catalogue
from support.running import assert_problem, example


def test_every_venue_is_listed_and_has_a_card(client: httpx.Client) -> None:
    """List, cards and scores agree on each venue's id and revision."""
    listed = client.get("/venues").json()["venues"]
    assert [venue["id"] for venue in listed] == sorted(load_catalogue())
    for venue in listed:
        card = client.get(f"/venues/{venue['id']}").json()
        assert card["id"] == venue["id"]
        shared = {name: venue[name] for name in ("id", "revision", "source", "facts_age_days")}
        assert card["venue"] == shared
        assert (card["ccxt"], card["contracts"]) == (venue["ccxt"], venue["contracts"])
        assert venue["checked"] == min(source["read"] for source in card["sources"])
    answer = client.post("/score", json=example("score.request")).json()
    assert answer["venue"] == client.get("/venues/binance").json()["venue"]


@pytest.mark.parametrize("path", ["/venues", "/venues/okx"])
def test_matching_etag_yields_304(client: httpx.Client, path: str) -> None:
    """A strong ETag that matches, alone, in a list or as *, gives a 304 without a body."""
    first = client.get(path)
    etag = first.headers["etag"]
    assert etag.startswith('"')
    for known in (etag, f'"other", {etag}', f"W/{etag}", "*"):
        again = client.get(path, headers={"if-none-match": known})
        assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", etag)
    assert client.get(path, headers={"if-none-match": '"other"'}).status_code == 200


def test_card_etag_is_its_revision_and_age(client: httpx.Client) -> None:
    """The card's ETag is its revision with the age of its facts, which the answer has too."""
    response = client.get("/venues/okx", headers={"accept-encoding": "identity"})
    ref = response.json()["venue"]
    assert response.headers["etag"] == f'"{ref["revision"]}-{ref["facts_age_days"]}"'


@pytest.mark.parametrize("venue", ["nowhere", "BINANCE", "%00", "..%2F"])
def test_unknown_venue_is_404_in_the_path(client: httpx.Client, venue: str) -> None:
    """An unknown id is 404 in the path, 422 in a body."""
    assert_problem(client.get(f"/venues/{venue}"), "unknown-venue", 404)
