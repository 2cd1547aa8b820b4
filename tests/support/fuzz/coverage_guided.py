"""Coverage-guided fuzzing of every endpoint with a body, in this process.

``coverage_guided.py SECONDS SEED CORPUS``, run by ``make fuzz``: the first byte of an input chooses the endpoint and
the format, the rest is the body. An answer that is not sane, or a valid one that breaks a law, ends the run and leaves
the input in the corpus as ``crash-…``. The initial corpus has the examples and the hostile bodies of the tests.
"""

import hashlib
import sys
from pathlib import Path

import atheris

# Imports in this block are instrumented, including the numpy part of the domain, which the service imports lazily.
with atheris.instrument_imports(include=["adlrisk"]):
    import msgspec

    import adlrisk.domain.deleverage.allocation
    import adlrisk.domain.queue.queue
    import adlrisk.domain.stress.exposure  # noqa: F401 (imported to be instrumented)
    from support.fuzz.in_process import JSON, METHODS, PACKED, InProcess
    from support.fuzz.laws import LAWS
    from support.hostile.hostile_cases import ANYWHERE, TARGETS
    from support.running import EXAMPLES

PATHS = tuple(METHODS)
FORMATS = ((JSON, msgspec.json), (PACKED, msgspec.msgpack))
_STATUS_OF_AN_ANSWER = 200


def main(seconds: str, seed: str, corpus: str) -> None:
    """Write the initial corpus, and fuzz."""
    folder = Path(corpus)
    folder.mkdir(parents=True, exist_ok=True)
    for known in seeds():
        (folder / hashlib.sha256(known).hexdigest()[:16]).write_bytes(known)
    with InProcess() as service:
        options = [
            f"-max_total_time={seconds}",
            f"-seed={seed}",
            f"-artifact_prefix={corpus}/",
            "-max_len=4096",
            "-len_control=0",
            "-timeout=30",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], *options, corpus], lambda given: check(service, given))
        atheris.Fuzz()


def seeds() -> list[bytes]:
    """The examples of all requests in both formats, and the hostile bodies of every endpoint."""
    found = []
    for place in range(len(PATHS) * 2):
        codec = FORMATS[place % 2][1]
        found += [
            bytes([place]) + codec.encode(msgspec.json.decode(path.read_bytes()))
            for path in EXAMPLES.glob("*.request.json")
        ]
        target = TARGETS[place // 2]
        found += [bytes([place]) + case.body_for(target) for case in ANYWHERE if case.packed == bool(place % 2)]
    return found


def check(service: InProcess, given: bytes) -> None:
    """Send one input, and check the answer against the laws."""
    place, body = (given[0] if given else 0) % (len(PATHS) * 2), given[1:]
    path, (media_type, codec) = PATHS[place // 2], FORMATS[place % 2]
    if path == "/venues/{venue}":
        service.ask("DELETE", "/venues/coinex/override")
    filled = path.replace("{venue}", "coinex").replace("{symbol}", "FUZZ")
    answer = service.ask(METHODS[path], filled, body, sent=media_type, accepted=media_type)
    if answer.status != _STATUS_OF_AN_ANSWER:
        return
    try:
        request = codec.decode(body)
    except (UnicodeDecodeError, msgspec.DecodeError):
        return  # an item of a batch that is not UTF-8
    LAWS[path](request, answer.content)


if __name__ == "__main__":
    main(*sys.argv[1:4])
