"""Changes to venues, market records and API keys over HTTP, with the in-memory store."""

import io
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from adlrisk.api.app import ENDPOINTS
from adlrisk.api.endpoints.venues.markets import PUT_MARKET
from adlrisk.api.limits.api_keys import digest_key
from adlrisk.settings import Settings
from support.running import ADMIN_KEY, API_KEY, WRITABLE, WRITE_KEY, RunningServer, assert_problem, example, path_of

SCORE: dict[str, Any] = {
    "venue": "binance",
    "position": {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "leverage": 12},
}
RECORD: dict[str, Any] = {**example("market.request"), "observed_at": "2026-11-18T11:59:30Z"}
LASTING: dict[str, Any] = {**RECORD, "ttl_seconds": 86_400}  # outlives every test
MARKET = path_of(PUT_MARKET)


@pytest.fixture
def fresh() -> Iterator[httpx.Client]:
    """An operator's client of a service without changes."""
    with (
        RunningServer(WRITABLE, log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}) as connected,
    ):
        yield connected


def fired(client: httpx.Client, **request: Any) -> dict[str, Any]:
    """Return the signals of a score by name."""
    answer = client.post("/score", json={**SCORE, **request}).json()
    return {signal["signal"]: signal for signal in answer["signals"]}


def etag_of(card: dict[str, Any]) -> str:
    return f'"{card["venue"]["revision"]}-{card["venue"]["facts_age_days"]}"'


def test_patched_threshold_changes_the_next_score(fresh: httpx.Client) -> None:
    """Leverage 12 fires once the threshold is 10; the answer has the card's revision and the source `override`."""
    before = fresh.get("/venues/binance").json()
    assert fired(fresh)["leverage"]["fired"] is False
    response = fresh.patch("/venues/binance", json={"score": {"leverage": 10}})
    card = response.json()
    assert card["score"] == {**before["score"], "leverage": 10}
    assert card["venue"]["source"] == "override"
    assert response.headers["etag"] == etag_of(card) != etag_of(before)
    leverage = fired(fresh)["leverage"]
    assert (leverage["fired"], leverage["threshold"]) == (True, 10)
    assert fresh.post("/score", json=SCORE).json()["venue"] == card["venue"]
    assert fresh.get("/venues/binance").json() == card
    listed = {row["id"]: row for row in fresh.get("/venues").json()["venues"]}
    assert (listed["binance"]["source"], listed["okx"]["source"]) == ("override", "catalogue")


def test_patches_accumulate_and_delete_resets_them(fresh: httpx.Client) -> None:
    """A second patch keeps the first's changes; null removes a value; DELETE restores the bundled card, also twice."""
    bundled = fresh.get("/venues/binance").json()
    fresh.patch("/venues/binance", json={"score": {"leverage": 10}, "execution": {"price": "mark"}})
    card = fresh.patch("/venues/binance", json={"funding": {"interval_hours": 4}, "score": {"leverage": None}}).json()
    assert (card["funding"]["interval_hours"], card["execution"]["price"]) == (4, "mark")
    assert card["score"] == bundled["score"]
    for _ in range(2):
        response = fresh.delete("/venues/binance/override")
        assert response.json() == bundled
        assert response.headers["etag"] == etag_of(bundled)
    assert fresh.get("/venues/binance").json() == bundled


def test_override_applies_to_books_inline_and_in_the_worker() -> None:
    """In both, a rate for all contracts ranks a book at HTX that had none, and the fill price follows the card."""
    book = {
        "venue": "htx",
        "mark_price": 110,
        "positions": [{"id": "a", "side": "long", "size": 1, "entry_price": 100, "leverage": 5}],
    }
    adl = {**book, "bankrupt": {"side": "short", "size": 1, "bankruptcy_price": 105}}
    padding = " " * 2048  # beyond what is worked on inline
    headers = {"content-type": "application/json"}
    settings = msgspec.structs.replace(WRITABLE, inline_book_bytes=1024)
    with (
        RunningServer(settings, log=io.StringIO()) as running,
        httpx.Client(base_url=running.url, headers={"x-api-key": ADMIN_KEY}, timeout=60) as client,
    ):
        for filler in ("", padding):
            content = filler + msgspec.json.encode(book).decode()
            refused = client.post("/queue/rank", content=content, headers=headers)
            assert_problem(refused, "maintenance-margin-required", 422)
        patch = {"maintenance_margin_rate": 0.01, "execution": {"price": "bankruptcy"}}
        card = client.patch("/venues/htx", json=patch).json()
        for filler in ("", padding):
            content = filler + msgspec.json.encode(book).decode()
            ranked = client.post("/queue/rank", content=content, headers=headers).json()
            assert ranked["venue"] == card["venue"]
            assert ranked["queues"]["long"]["positions"][0]["rank"] == 1
            content = filler + msgspec.json.encode(adl).decode()
            assert client.post("/adl/allocate", content=content, headers=headers).json()["fill_price"] == 105
        client.delete("/venues/htx/override")
        refused = client.post("/queue/rank", content=padding + msgspec.json.encode(book).decode(), headers=headers)
        assert_problem(refused, "maintenance-margin-required", 422)


@pytest.mark.parametrize("accept", ["application/json", "application/msgpack"])
def test_if_match_rejects_a_stale_etag(fresh: httpx.Client, accept: str) -> None:
    """With the current ETag, of either format, a change passes once; a stale one is 412 and changes nothing."""
    etag = fresh.get("/venues/okx", headers={"accept": accept}).headers["etag"]
    headers = {"if-match": f'"something-else", {etag}'}
    assert fresh.patch("/venues/okx", json={"score": {"profit": 0.5}}, headers=headers).status_code == 200
    refused = fresh.patch("/venues/okx", json={"score": {"profit": 0.7}}, headers=headers)
    problem = assert_problem(refused, "precondition-failed", 412)
    now = fresh.get("/venues/okx").json()
    assert now["venue"]["revision"] in problem["detail"]
    assert now["score"]["profit"] == 0.5
    assert_problem(fresh.delete("/venues/okx/override", headers=headers), "precondition-failed", 412)
    assert_problem(fresh.delete("/venues/okx/override", headers={"if-match": ","}), "precondition-failed", 412)
    assert fresh.delete("/venues/okx/override", headers={"if-match": "*"}).status_code == 200


def test_patch_accepts_the_merge_patch_media_type(fresh: httpx.Client) -> None:
    """PATCH accepts `application/merge-patch+json`; other endpoints do not."""
    headers = {"content-type": "application/merge-patch+json"}
    assert fresh.patch("/venues/okx", content=b'{"score":{"profit":0.5}}', headers=headers).status_code == 200
    refused = fresh.post("/score", content=b"{}", headers=headers)
    assert_problem(refused, "unsupported-media-type", 415)
    assert "merge-patch" not in refused.headers["accept"]
    refused = fresh.patch("/venues/okx", content=b"{}", headers={"content-type": "text/plain"})
    assert "application/merge-patch+json" in refused.headers["accept"]


def test_record_fills_in_what_the_request_leaves_out(fresh: httpx.Client) -> None:
    """Funding, stress and tier come from the record, which the answer shows; values in the request take precedence."""
    assert fresh.put(MARKET, json=RECORD).status_code == 200
    answer = fresh.post("/score", json={**SCORE, "symbol": "BTCUSDT"}).json()
    signals = {signal["signal"]: signal for signal in answer["signals"]}
    assert (signals["funding"]["fired"], signals["funding"]["source"]) == (True, "cache")
    assert (signals["market_stress"]["fired"], signals["market_stress"]["source"]) == (False, "cache")
    assert answer["missing"] == ["adl_meter"]
    assert answer["market"] == {
        "symbol": "BTCUSDT", "status": "used",
        "observed_at": "2026-11-18T11:59:30Z", "age_seconds": 30, "source": "our collector",
    }  # fmt: skip
    assert answer["state"]["liquidation_price"] == pytest.approx((100 - 100 / 12) / (1 - 0.004))
    given = {**SCORE, "symbol": "BTCUSDT", "market": {"funding_rate": 0, "liquidation_spike": True}}
    signals = {signal["signal"]: signal for signal in fresh.post("/score", json=given).json()["signals"]}
    assert (signals["funding"]["value"], signals["market_stress"]["source"]) == (0, "request")


def test_answer_says_why_no_record_was_used(fresh: httpx.Client) -> None:
    """If the request has everything, the record is unused; of another symbol there is none; without symbol, nothing."""
    fresh.put(MARKET, json={"funding_rate": 0.01, "source": "x"})
    complete = {"funding_rate": 0, "liquidation_spike": False}
    for request, expected in (
        ({"symbol": "BTCUSDT", "market": complete}, ("unused", "2026-11-18T12:00:00Z", 0, "x")),
        ({"symbol": "ETHUSDT"}, ("absent", None, None, None)),
        ({"symbol": "BTCUSDT", "venue": "okx"}, ("absent", None, None, None)),
    ):
        market = fresh.post("/score", json={**SCORE, **request}).json()["market"]
        assert market["symbol"] == request["symbol"]
        assert tuple(market[name] for name in ("status", "observed_at", "age_seconds", "source")) == expected
    assert fresh.post("/score", json=SCORE).json()["market"] is None


def test_market_lookups_are_counted_by_outcome(fresh: httpx.Client) -> None:
    """Each score that names a symbol counts what became of its record, those of a batch too; others count nothing."""
    fresh.put(MARKET, json={"funding_rate": 0.01})
    named, unknown = {**SCORE, "symbol": "BTCUSDT"}, {**SCORE, "symbol": "ETHUSDT"}
    for request in (named, unknown, SCORE):
        fresh.post("/score", json=request)
    fresh.post("/scores", json={"items": [named, named, unknown, SCORE, {**named, "as_of": "2020-01-01T00:00:00Z"}]})
    families = text_string_to_metric_families(fresh.get("/metrics").text)
    (counted,) = (family for family in families if family.name == "adlrisk_market_lookups")
    assert {sample.labels["status"]: sample.value for sample in counted.samples} == {
        "used": 3, "unused": 0, "absent": 2, "out_of_time": 1, "unreadable": 0,
    }  # fmt: skip


def test_record_is_used_only_while_valid(fresh: httpx.Client) -> None:
    """A record is valid from `observed_at` until `ttl_seconds` later, exclusive, at the time that is evaluated."""
    fresh.put(MARKET, json=RECORD)  # 11:59:30, for 120 seconds
    for as_of, status, age in (
        ("2026-11-18T11:59:29.999Z", "out_of_time", -0.001),
        ("2026-11-18T11:59:30Z", "used", 0.0),
        ("2026-11-18T12:01:29.999Z", "used", 119.999),
        ("2026-11-18T12:01:30Z", "out_of_time", 120.0),
        ("2026-11-18T13:59:31+02:00", "used", 1.0),
    ):
        answer = fresh.post("/score", json={**SCORE, "symbol": "BTCUSDT", "as_of": as_of}).json()
        assert (answer["market"]["status"], answer["market"]["age_seconds"]) == (status, age), as_of
        funding = next(signal for signal in answer["signals"] if signal["signal"] == "funding")
        assert (funding["source"] == "cache") is (status == "used")


def test_an_alias_is_the_venue_in_every_request(fresh: httpx.Client) -> None:
    """By ccxt's id a venue has the same card, override and records; answers and metrics have the venue's own id."""
    put = fresh.put("/venues/binanceusdm/markets/BTCUSDT", json={"funding_rate": 0.002, "source": "by alias"})
    assert put.json()["venue"] == "binance"
    assert fresh.patch("/venues/binanceusdm", json={"score": {"leverage": 3}}).json()["id"] == "binance"
    for path, body in (
        ("/score", {**SCORE, "symbol": "BTCUSDT"}),
        ("/adl/partial", example("adl-partial.request")),
        ("/queue/rank", {**example("queue-rank.request"), "venue": "binance", "positions": []}),
        ("/adl/allocate", {**example("adl-allocate.request"), "venue": "binance", "policies": ["pro_rata_size"]}),
    ):
        own, alias = (fresh.post(path, json={**body, "venue": name}) for name in ("binance", "binanceusdm"))
        assert (own.status_code, own.content) == (200, alias.content), path
        assert alias.json()["venue"]["id"] == "binance"
    scored = fresh.post("/scores", json={"items": [{**SCORE, "venue": "binanceusdm", "symbol": "BTCUSDT"}]}).json()
    assert scored["results"][0]["market"]["source"] == "by alias"
    for path in ("/venues/{}", "/venues/{}/markets/BTCUSDT"):
        own, alias = (fresh.get(path.format(name)) for name in ("binance", "binanceusdm"))
        assert (own.status_code, own.headers.get("etag")) == (200, alias.headers.get("etag"))
        assert own.json() | {"age_seconds": 0} == alias.json() | {"age_seconds": 0}
    assert fresh.delete("/venues/binanceusdm/override").json()["venue"]["source"] == "catalogue"
    assert "binanceusdm" not in fresh.get("/metrics").text


def test_an_operator_corrects_which_contracts_a_venue_has(fresh: httpx.Client) -> None:
    """The kinds of a card can be changed as a whole; null takes both; none, or one twice, is no valid card."""
    inverse = {"venue": "binance", "position": {**SCORE["position"], "contract": "inverse"}}
    assert_problem(fresh.post("/score", json=inverse), "contract-mismatch", 422, pointer="/position/contract")
    for kinds in (["linear", "inverse"], None):
        patched = fresh.patch("/venues/binance", json={"contracts": kinds})
        assert (patched.status_code, patched.json()["contracts"]) == (200, ["linear", "inverse"])
        assert fresh.post("/score", json=inverse).status_code == 200
        assert fresh.delete("/venues/binance/override").json()["contracts"] == ["linear"]
    twice = fresh.patch("/venues/binance", json={"contracts": ["linear", "linear"]})
    assert_problem(twice, "invalid-card", 422, pointer="/contracts")
    for wrong, pointer in (([], "/contracts"), (["spot"], "/contracts/0"), ("linear", "/contracts")):
        refused = fresh.patch("/venues/binance", json={"contracts": wrong})
        assert_problem(refused, "invalid-request", 400, pointer=pointer)
    assert_problem(fresh.post("/score", json=inverse), "contract-mismatch", 422)


def test_contract_that_contradicts_the_record_is_rejected(fresh: httpx.Client) -> None:
    """Scoring an inverse contract as linear by mistake is rejected because of the record; in a batch, in its place."""
    path = "/venues/okx/markets/BTC-USD-SWAP"
    fresh.put(path, json={"contract": "inverse", "contract_size": 100, "ttl_seconds": 86_400})
    request = {**SCORE, "venue": "okx", "symbol": "BTC-USD-SWAP"}
    refused = fresh.post("/score", json=request)
    assert_problem(refused, "contract-mismatch", 422, pointer="/position/contract")
    position = {**SCORE["position"], "contract": "inverse"}
    refused = fresh.post("/score", json={**request, "position": position})
    assert_problem(refused, "contract-mismatch", 422, pointer="/position/contract_size")
    right = {**request, "position": {**position, "contract_size": 100}}
    assert fresh.post("/score", json=right).status_code == 200
    results = fresh.post("/scores", json={"items": [right, request, 7]}).json()["results"]
    assert results[0]["max_score"] == 10
    pointers = [result["errors"][0]["pointer"] for result in results[1:]]
    assert pointers == ["/items/1/position/contract", "/items/2"]


def test_batch_uses_records_like_single_scores(fresh: httpx.Client) -> None:
    """Each item of a batch is answered as it would be alone, records included."""
    fresh.put(MARKET, json=LASTING)
    items = [{**SCORE, "symbol": symbol} for symbol in ("BTCUSDT", "ETHUSDT", "BTCUSDT")] + [SCORE]
    together = fresh.post("/scores", json={"items": items}).json()["results"]
    assert together == [fresh.post("/score", json=item).json() for item in items]


def test_second_put_replaces_the_whole_record(fresh: httpx.Client) -> None:
    """What a second PUT leaves out is gone; GET shows the record with its age."""
    assert_problem(fresh.get(MARKET), "unknown-market", 404)
    put = fresh.put(MARKET, json=RECORD).json()
    assert fresh.get(MARKET).json() == put
    assert (put["age_seconds"], put["ttl_seconds"], put["venue"], put["symbol"]) == (30, 120, "binance", "BTCUSDT")
    again = fresh.put(MARKET, json={"thin_liquidity": True}).json()
    assert fresh.get(MARKET).json() == again
    assert (again["funding_rate"], again["thin_liquidity"], again["age_seconds"]) == (None, True, 0)
    assert (again["ttl_seconds"], again["source"]) == (120, "caller")


# Keys.


def answer_to(client: httpx.Client, method: str, path: str, key: str | None, header: str) -> httpx.Response:
    headers = {} if key is None else {"authorization": f"Bearer {key}"} if header == "bearer" else {"x-api-key": key}
    body = {"PATCH": {"score": {"profit": 0.5}}, "PUT": LASTING, "POST": SCORE}.get(method)
    return client.request(method, path, json=body, headers=headers)


WRITES = [("PATCH", "/venues/okx"), ("DELETE", "/venues/okx/override"), ("PUT", MARKET)]
READS = [("POST", "/score"), ("GET", "/venues"), ("GET", "/venues/okx"), ("GET", MARKET)]
ALL_KEYS = msgspec.structs.replace(WRITABLE, api_keys=digest_key(API_KEY))


@pytest.fixture(scope="module")
def keyed() -> Iterator[httpx.Client]:
    """A client without a key, of a service that requires one from everybody."""
    with (
        RunningServer(ALL_KEYS, log=io.StringIO()) as running,
        httpx.Client(base_url=running.url) as connected,
    ):
        connected.put(MARKET, json=LASTING, headers={"x-api-key": WRITE_KEY}).raise_for_status()
        yield connected


@pytest.mark.parametrize("header", ["bearer", "x-api-key"])
@pytest.mark.parametrize(
    ("key", "expected"),
    [
        (ADMIN_KEY, (200, 200, 200)), (WRITE_KEY, (200, 200, 403)), (API_KEY, (200, 403, 403)),
        ("unknown", (401, 401, 401)), (None, (401, 401, 401)),
    ],
)  # fmt: skip
def test_each_key_has_the_access_of_its_kind(
    keyed: httpx.Client, header: str, key: str | None, expected: tuple[int, int, int]
) -> None:
    """Each kind of key has its access, in either header; health, metrics and documentation are open to all."""
    reads, puts, changes = expected
    for method, path in READS:
        assert answer_to(keyed, method, path, key, header).status_code == reads, path
    for method, path in WRITES:
        status = puts if method == "PUT" else changes
        response = answer_to(keyed, method, path, key, header)
        assert response.status_code == status, path
        if status == 401:
            assert_problem(response, "unauthorized", 401)
            assert response.headers["www-authenticate"].startswith("Bearer")
        if status == 403:
            assert_problem(response, "forbidden", 403)
    for path in ("/", "/health/live", "/health/ready", "/metrics", "/openapi.json", "/docs", "/problems/forbidden"):
        assert answer_to(keyed, "GET", path, key, header).status_code == 200, path


def test_every_endpoint_is_open_or_requires_a_key(keyed: httpx.Client) -> None:
    """With keys configured, only the open endpoints answer without one, and the document says so."""
    operations = keyed.get("/openapi.json").json()["paths"]
    for endpoint in ENDPOINTS:
        response = keyed.request(endpoint.method, path_of(endpoint), json={})
        assert (response.status_code == 401) is (endpoint.access != "open"), endpoint.path
        security = operations[endpoint.path][endpoint.method.lower()]["security"]
        schemes: dict[str, Any] = {"open": [], "read": [{}, {"bearer": []}, {"header": []}]}
        assert security == schemes.get(endpoint.access, [{"bearer": []}, {"header": []}]), endpoint.path


def test_one_valid_key_is_enough(keyed: httpx.Client) -> None:
    """A gateway's own bearer token beside the key, or the reverse, does no harm; two invalid ones are 401."""
    for bearer, header, status in ((API_KEY, "bad", 200), ("bad", API_KEY, 200), ("bad", "worse", 401)):
        headers = {"authorization": f"Bearer {bearer}", "x-api-key": header}
        assert keyed.get("/venues", headers=headers).status_code == status
    basic = {"authorization": f"Basic {API_KEY}"}
    assert keyed.get("/venues", headers=basic).status_code == 401


def test_key_is_checked_before_the_body_is_read(keyed: httpx.Client) -> None:
    """Without a key, a body beyond the limit is 401, not 413."""
    refused = keyed.post("/score", content=b" " * 100_000, headers={"content-type": "application/json"})
    assert_problem(refused, "unauthorized", 401)


def test_without_keys_reading_is_open_and_writing_is_disabled(client: httpx.Client) -> None:
    """A service without keys scores for everybody, and says how to enable writing."""
    for method, path in WRITES:
        for key in (None, ADMIN_KEY):
            problem = assert_problem(answer_to(client, method, path, key, "bearer"), "writing-disabled", 403)
            assert "ADLRISK_ADMIN_KEYS" in problem["detail"]
    assert client.post("/score", json=SCORE).status_code == 200


def test_write_keys_alone_cannot_change_venues() -> None:
    """Market records can be stored; changing a venue is disabled."""
    settings = Settings(write_keys=digest_key(WRITE_KEY))
    with RunningServer(settings, log=io.StringIO()) as running, httpx.Client(base_url=running.url) as client:
        assert answer_to(client, "PUT", MARKET, WRITE_KEY, "bearer").status_code == 200
        assert_problem(answer_to(client, "PATCH", "/venues/okx", WRITE_KEY, "bearer"), "writing-disabled", 403)


def test_answers_contain_no_key(keyed: httpx.Client) -> None:
    """No answer contains a key, valid or not."""
    for key in (ADMIN_KEY, "some-bad-key"):
        response = answer_to(keyed, "PATCH", "/venues/okx", key, "bearer")
        assert key not in response.text
        assert key not in str(response.headers)


CPI = {"from": "2026-11-18T11:30:00Z", "to": "2026-11-18T13:30:00+01:00", "what": "CPI release"}


def test_events_are_patched_as_a_whole_and_fire_market_stress(fresh: httpx.Client) -> None:
    """A list replaces the one in force, null and DELETE remove it; other thresholds stay as they are."""
    calm = {"market": {"liquidation_spike": False, "thin_liquidity": False}}
    assert fresh.get("/venues/binance").json()["score"]["events"] == []
    other = {**CPI, "from": "2026-11-18T12:00:00Z", "what": "Rate decision"}
    for events in ([other], [CPI, other], [other, CPI]):
        card = fresh.patch("/venues/binance", json={"score": {"leverage": 10, "events": events}}).json()
        assert card["score"]["events"] == events
        stress = fired(fresh, **calm)["market_stress"]
        assert (stress["fired"], stress["source"]) == (True, "clock")
        assert events[0]["what"] in stress["reason"]
    card = fresh.patch("/venues/binance", json={"score": {"events": None}}).json()
    assert (card["score"]["events"], card["score"]["leverage"]) == ([], 10)
    assert fired(fresh, **calm)["market_stress"]["fired"] is False
    full = [{**CPI, "what": f"{number}"} for number in range(100)]
    assert fresh.patch("/venues/binance", json={"score": {"events": full}}).json()["score"]["events"] == full
    assert fresh.delete("/venues/binance/override").json()["score"]["events"] == []


def test_a_record_keeps_what_is_known_of_all_positions_and_no_score_uses_it(fresh: httpx.Client) -> None:
    """Open interest, entries, depth and volatility come back as they were put; a score says that nothing was used."""
    known = {
        "open_interest": 85_000, "entries": [{"price": 58_200, "share": 0.35}, {"price": 59_600, "share": 0.65}],
        "entries_seen": 0.8, "size_for_one_percent": 2_400, "volatility": 0.62,
    }  # fmt: skip
    put = fresh.put(MARKET, json=known)
    assert put.status_code == 200
    got = fresh.get(MARKET).json()
    assert {name: got[name] for name in known} == {name: put.json()[name] for name in known} == known
    market = fresh.post("/score", json={**SCORE, "symbol": "BTCUSDT"}).json()["market"]
    assert market["status"] == "unused"
    assert fresh.put(MARKET, json={"volatility": 0.5}).json()["entries"] == []


def test_the_trigger_of_a_record_reaches_the_answer(fresh: httpx.Client) -> None:
    """Of a score and of a leg, with `cache` as its source; what the request says comes first."""
    known = {
        "adl_trigger": True, "insurance_fund": 70, "fund_peak": 100, "adl_rating": "high",
        "settles_at": "2026-11-18T17:20:00Z", "open_interest_high": True,
    }  # fmt: skip
    assert fresh.put(MARKET, json={**known, "source": "collector"}).status_code == 200
    answer = fresh.post("/score", json={**SCORE, "symbol": "BTCUSDT"}).json()
    trigger = answer["trigger"]
    assert trigger.pop("reason").startswith("The venue says that an auto-deleveraging is on. ")
    assert trigger == {
        "adl_on": True, "insurance_fund": 70, "fund_drawdown": 0.3, "rating": "high",
        "settles_at": "2026-11-18T17:20:00Z", "source": "cache",
    }  # fmt: skip
    raised = ["adl_in_progress", "settlement_near", "venue_rates_high", "open_interest_high"]
    assert [alert["alert"] for alert in answer["alerts"]] == raised
    assert answer["market"]["status"] == "used"
    assert answer["actions"][0]["action"] == "close_before_settlement"
    position = {name: part for name, part in SCORE["position"].items() if name != "leverage"}
    leg = {**position, "id": "a", "symbol": "BTCUSDT", "adl_meter": 4, "adl_meter_before": 1}
    own = {"adl_trigger": False, "adl_rating": "low", "settles_at": "2026-12-18T12:00:00Z"}
    request = {"venue": "binance", "equity": 9, "markets": {"BTCUSDT": own}, "positions": [leg]}
    scored = fresh.post("/account", json=request).json()["positions"][0]
    assert [alert["alert"] for alert in scored["alerts"]] == ["meter_rising", "open_interest_high"]
    assert (scored["trigger"]["adl_on"], scored["trigger"]["source"]) == (False, "cache")
    names = list(scored)
    assert names[names.index("queue") :][:4] == ["queue", "trigger", "alerts", "actions"]
