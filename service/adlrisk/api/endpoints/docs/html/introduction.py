"""Introduction: what the score means, in the words of the document, and a request to paste."""

import json
import re
from typing import Any, Final

from adlrisk.api.endpoints.docs.html.markup import (
    escape,
    render_code,
    render_inline,
    render_link,
    render_paragraphs,
    render_table,
)

_PATH: Final = "/score"
_EXAMPLE: Final = "score"
_ADDRESS: Final = "localhost:8000"  # the page is the same for all, whatever host they ask
# Fields of an answer that say what it means, in the order in which they are explained.
_MEANING: Final = ("score", "score_upper", "band", "standing", "nearer_danger", "alerts", "missing")
_SHOWN: Final = ("score", "max_score", "score_upper", "band", "band_upper", "standing", "nearer_danger", "guidance")


def render_meaning(document: dict[str, Any]) -> str:
    """What the score counts and is not, and what to read beside it."""
    described = document["components"]["schemas"]["ScoreAnswer"]["properties"]
    rows = [(f"<code>{escape(field)}</code>", render_inline(described[field]["description"])) for field in _MEANING]
    return (
        f'<h2 id="meaning">What the score means</h2>{render_paragraphs(_first_paragraph(document))}'
        f"{render_paragraphs(_find_sentence(document, 'unknown'))}{render_table(rows)}"
        f"<p>{render_link('ScoreAnswer', 'ScoreAnswer')} has all fields of an answer.</p>"
    )


def render_first_request(document: dict[str, Any]) -> str:
    """The worked example as a command, and the beginning of its answer."""
    operation = document["paths"][_PATH]["post"]
    answer = _find_example(operation["responses"]["200"])
    beginning = {field: answer[field] for field in _SHOWN}
    return (
        '<h2 id="first-request">A first request</h2>'
        "<p>To paste into a shell. The first line is the address of the service, that of this page without "
        "<code>/docs</code>.</p>"
        f"{render_code(build_command(_find_example(operation['requestBody']), address=_ADDRESS))}"
        "<p>The answer begins with:</p>"
        f"{render_code(json.dumps(beginning, indent=2, ensure_ascii=False))}"
        "<p>If the operators require a key, add <code>-H 'x-api-key: …'</code>.</p>"
    )


def render_conventions(document: dict[str, Any]) -> str:
    """What holds for every endpoint."""
    rest = document["info"]["description"].removeprefix(_first_paragraph(document))
    return f'<h2 id="conventions">Conventions</h2>{render_paragraphs(rest.strip())}'


def build_command(request: Any, *, address: str) -> str:
    """The request as lines for a POSIX shell, where nothing in quotation marks has a meaning but the closing one."""
    body = json.dumps(request, indent=2, ensure_ascii=False).replace("'", "'\\''")
    return f"ADLRISK={address}\ncurl -s $ADLRISK{_PATH} -H 'content-type: application/json' -d '{body}'"


def _first_paragraph(document: dict[str, Any]) -> str:
    first: str = document["info"]["description"].partition("\n\n")[0]
    return first


def _find_sentence(document: dict[str, Any], word: str) -> str:
    """The sentence of the document's description that has this word; empty if none has."""
    text: str = document["info"]["description"]
    return next((f"{part.strip()}." for part in re.split(r"\.\s", text) if word in part), "")


def _find_example(part: dict[str, Any]) -> Any:
    return part["content"]["application/json"]["examples"][_EXAMPLE]["value"]
