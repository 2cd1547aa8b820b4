"""The size limit of an answer to a book, kept while the answer is encoded part by part."""

from collections.abc import Callable
from typing import Any

import msgspec

from adlrisk.api.http.codecs import Codec
from adlrisk.api.http.problems import ProblemError


def limit_answer(codec: Codec, *, max_bytes: int, advice: str) -> Codec:
    """``codec`` for a single answer: it raises as soon as the encoded parts are larger than ``max_bytes`` together.

    So no more than the limit and one part is ever in memory. ``advice`` says how to get a smaller answer.
    """
    encoded = 0

    def announce(size: int) -> None:
        if encoded + size > max_bytes:
            raise ProblemError("answer-too-large", f"The answer would be larger than {max_bytes} bytes: {advice}")

    def counted(encode: Callable[[Any], bytes]) -> Callable[[Any], bytes]:
        def encode_part(value: Any) -> bytes:
            nonlocal encoded
            part = encode(value)
            announce(len(part))
            encoded += len(part)
            return part

        return encode_part

    return msgspec.structs.replace(
        codec, encode=counted(codec.encode), encode_column=counted(codec.encode_column), announce=announce
    )
