"""What a refusal of a part of a request must say."""

from typing import Any

import msgspec
import pytest


def assert_refused(body: dict[str, Any], kind: type[Any], *, field: str) -> None:
    """``kind`` refuses ``body``, and the message names the field, at its beginning or as a path."""
    with pytest.raises(msgspec.ValidationError) as refused:
        msgspec.convert(body, kind)
    message = str(refused.value)
    assert f"`{field}`" in message.partition(":")[0] or f"`$.{field}" in message, message
