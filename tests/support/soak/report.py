"""The report of a run: tables, and every wrong answer in full."""

import statistics
from collections.abc import Iterable, Iterator, Sequence

from support.soak.faults import FaultLog
from support.soak.footprint import Footprint
from support.soak.verdict import Verdict


def report(verdict: Verdict, footprint: Footprint, *, notes: Sequence[str]) -> str:
    """The whole report as Markdown."""
    return "\n".join(
        ["# Soak", "", *_verdict(verdict), "", *(f"- {note}" for note in notes), "", *_body(verdict, footprint)]
    )


def _verdict(verdict: Verdict) -> Iterator[str]:
    asked, right, explained = verdict.asked.total(), verdict.right.total(), verdict.explained.total()
    yield (
        f"**{'Good' if verdict.is_good else 'NOT GOOD'}**: {asked:,} requests, {right:,} right answers, "
        f"{explained:,} failures that a fault explains, {len(verdict.wrong):,} wrong answers, "
        f"{len(verdict.unexplained):,} unexplained failures."
    )


def _body(verdict: Verdict, footprint: Footprint) -> Iterator[str]:
    yield from _section("Requests", _requests(verdict))
    yield from _section("Failures that a fault explains", _explained(verdict))
    yield from _section("Faults", _faults(verdict.faults))
    yield from _section("Memory, descriptors, threads", _lives(footprint))
    for title, entries in (("Wrong answers", verdict.wrong), ("Unexplained failures", verdict.unexplained)):
        if entries:
            yield from (f"## {title}", "", *(f"```\n{entry}\n```\n" for entry in entries[:20]))


def _section(title: str, table: Iterable[Sequence[object]]) -> Iterator[str]:
    header, *rows = [[str(cell) for cell in row] for row in table]
    yield f"## {title}\n"
    yield f"| {' | '.join(header)} |"
    yield f"|{' --- |' * len(header)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def _requests(verdict: Verdict) -> Iterator[Sequence[object]]:
    """By kind, with latency in milliseconds in healthy time and during faults."""
    yield ("request", "asked", "right", "p50", "p99", "longest", "p50 in faults", "p99", "longest")
    for kind in sorted(verdict.asked):
        calm, troubled = verdict.seconds[kind, False], verdict.seconds[kind, True]
        counts = f"{verdict.asked[kind]:,}", f"{verdict.right[kind]:,}"
        yield (kind, *counts, *_milliseconds(calm), *_milliseconds(troubled))
    calm, troubled = (
        [taken for (_, during), all_taken in verdict.seconds.items() if during == fault for taken in all_taken]
        for fault in (False, True)
    )
    counts = f"{verdict.asked.total():,}", f"{verdict.right.total():,}"
    yield ("all", *counts, *_milliseconds(calm), *_milliseconds(troubled))


def _milliseconds(taken: list[float]) -> tuple[str, str, str]:
    """Median, 99th percentile and maximum."""
    if len(taken) < 2:
        return ("", "", "")
    p99 = statistics.quantiles(taken, n=100, method="inclusive")[98]
    return tuple(f"{seconds * 1000.0:.1f}" for seconds in (statistics.median(taken), p99, max(taken)))  # type: ignore[return-value]


def _explained(verdict: Verdict) -> Iterator[Sequence[object]]:
    yield ("failure", "during", "times")
    for (failure, during), times in sorted(verdict.explained.items()):
        yield (failure, during, times)


def _faults(faults: FaultLog) -> Iterator[Sequence[object]]:
    yield ("fault", "times", "at seconds", "lasted seconds, until mended")
    by_kind = {
        kind: [fault for fault in faults if fault.kind == kind] for kind in dict.fromkeys(f.kind for f in faults)
    }
    for kind, found in by_kind.items():
        at = ", ".join(f"{fault.begins - faults.began_at:.0f}" for fault in found)
        lasted = ", ".join(f"{fault.ends - fault.begins:.1f}" for fault in found)
        yield (kind, len(found), at, lasted)


def _lives(footprint: Footprint) -> Iterator[Sequence[object]]:
    """By process; memory in MiB, as medians of the second and the last quarter of its life."""
    yield (
        "process",
        "seconds",
        "MiB first",
        "second quarter",
        "last quarter",
        "MiB an hour",
        "descriptors",
        "threads",
        "judged",
    )
    for life in footprint.lives.values():
        if not life.samples:
            continue
        before, after = life.medians(2), life.medians(4)
        yield (
            life.name,
            f"{life.seconds:.0f}",
            f"{life.samples[0].mib:.1f}",
            f"{before.mib:.1f}",
            f"{after.mib:.1f}",
            f"{life.mib_per_hour:+.0f}" if life.is_judged else "",
            f"{before.descriptors} → {after.descriptors}",
            f"{before.threads} → {after.threads}",
            "yes" if life.is_judged else "too short",
        )
