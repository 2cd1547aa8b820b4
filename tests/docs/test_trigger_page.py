"""The trigger and the events in the docs: the tables against the code, the commands and what they answer."""

import io
import json
import re
import shlex
from typing import get_args

import httpx

from adlrisk.domain.scoring.alerts import AlertName
from support.curl import commands_in, path_of, send_as_curl
from support.running import ADMIN_KEY, ROOT, WRITABLE, RunningServer

PAGE = (ROOT / "docs" / "trigger.md").read_text()
_, _, EVENTS = (ROOT / "docs" / "parameters.md").read_text().partition("\n### Events\n")


def test_the_page_has_the_alerts_in_their_order() -> None:
    """All of them, as the answer has them."""
    _, _, alerts = PAGE.partition("\n## Alerts\n")
    assert re.findall(r"^\| `(\w+)` \|", alerts, re.MULTILINE) == list(get_args(AlertName))


def test_the_example_of_the_page_raises_the_alerts_that_it_says(server: RunningServer) -> None:
    """The command's answer has them."""
    (command,) = commands_in(PAGE)
    (shown,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    alerts = send_as_curl(command, server).json()["alerts"]
    assert [alert["alert"] for alert in alerts] == json.loads(shown)


def test_the_event_of_the_parameters_page_fires_market_stress_while_it_lasts() -> None:
    """The patch as it is there, then a score inside the window and one at its end."""
    command, *_ = commands_in(EVENTS)
    words = shlex.split(command)
    named = [words[place + 1].replace("$KEY", ADMIN_KEY) for place, word in enumerate(words) if word == "-H"]
    headers = {name: value for name, _, value in (header.partition(": ") for header in named)}
    position = {"side": "long", "size": 1, "entry_price": 100, "mark_price": 100, "leverage": 2}
    market = {"liquidation_spike": False, "thin_liquidity": False}
    with RunningServer(WRITABLE, log=io.StringIO()) as running:
        card = httpx.patch(f"{running.url}{path_of(command)}", content=words[-1], headers=headers).json()
        assert len(card["score"]["events"]) == 1
        inside, after = [
            httpx.post(
                f"{running.url}/score",
                json={"venue": "binance", "position": position, "market": market, "as_of": moment},
            ).json()["signals"][3]
            for moment in ("2026-12-10T13:59:59Z", "2026-12-10T14:00:00Z")
        ]
    assert (inside["fired"], inside["source"], after["fired"]) == (True, "clock", False)
    assert "CPI release" in inside["reason"]
