"""Schemathesis in process, without a socket, with every media type by each of its names: part of ``make fuzz``.

``pytest tests/support/contract/in_process.py``; ``FUZZ_EXAMPLES`` tries a tenth as many requests of each operation.
"""

import json
import os
from typing import Any

import msgspec
import schemathesis
from hypothesis import HealthCheck, settings

from adlrisk.api.app import create_app
from support.contract.campaign import CONFIG, add_what_words_tell
from support.running import WRITABLE

EXAMPLES = max(60, int(os.environ.get("FUZZ_EXAMPLES", "0")) // 10)
app = create_app(msgspec.structs.replace(WRITABLE, log_level="error"))
document = add_what_words_tell(json.loads(msgspec.json.encode(app.context.document())))
schema = schemathesis.openapi.from_dict(document, config=schemathesis.Config.from_path(CONFIG))
schema.app = app


@schema.parametrize()
@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck))
def test_every_answer_keeps_the_contract(case: schemathesis.Case[Any]) -> None:
    """No request causes a 500 or an answer that the document does not describe."""
    case.call_and_validate()
