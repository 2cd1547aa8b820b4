"""The page of what has changed in the cards since they were last released."""

from collections.abc import Iterator, Mapping, Sequence

from venue_pages.card_facts import LABELS, CardFacts, Change, list_changes
from venue_pages.markdown import GENERATED, bullets, code, plain
from venue_pages.released import Released


def changes_page(released: Released, present: Mapping[str, CardFacts]) -> str:
    """The venues that are new or gone, and the changed facts of the others."""
    day = released.day
    since = f"release {released.version}, of {day}" if released.version else f"{day}, before the first release"
    before, changed = released.venues, changes_by_venue(released, present)
    sections = {
        "New": bullets(f"[{plain(facts.name)}]({id_}.md)" for id_, facts in present.items() if id_ not in before),
        "Gone": bullets(f"{plain(facts.name)} ({code(id_)})" for id_, facts in before.items() if id_ not in present),
        "Changed, by fact": bullets(_venues_by_fact(changed)),
        "Changed, by venue": "\n".join(
            _section(id_, before[id_], present[id_], changes) for id_, changes in changed.items()
        ),
    }
    shown = "".join(f"\n## {title}\n\n{text}" for title, text in sections.items() if text)
    return (
        f"{GENERATED}\n# Changes of the venues\n\n"
        f"What has changed in the cards since {since}. [All venues](../venues.md)\n\n"
        "An answer names the `revision` of the card that it goes by. Notes, sources and open questions change the "
        "revision as well, and are not listed.\n"
        f"{shown or chr(10) + 'Nothing.' + chr(10)}"
    )


def changes_by_venue(released: Released, present: Mapping[str, CardFacts]) -> dict[str, Sequence[Change]]:
    """The changes of each venue that was released and has changed."""
    found = {id_: tuple(list_changes(was, present[id_])) for id_, was in released.venues.items() if id_ in present}
    return {id_: changes for id_, changes in found.items() if changes}


def _venues_by_fact(changed: Mapping[str, Sequence[Change]]) -> Iterator[str]:
    for label in LABELS:
        ids = [id_ for id_, changes in changed.items() if label in (change.label for change in changes)]
        if ids:
            yield f"{label}: {', '.join(f'[{id_}](#{id_})' for id_ in ids)}"


def _section(id_: str, was: CardFacts, now: CardFacts, changes: Sequence[Change]) -> str:
    revisions = f"[{plain(now.name)}]({id_}.md), revision {code(was.revision)} until then, now {code(now.revision)}"
    lines = (f"{change.label}: {change.text}" for change in changes)
    return f"### {code(id_)}\n\n{revisions}\n\n{bullets(lines)}"
