"""The cache of absences: bounded in all and for each caller, whoever asks for whatever."""

from adlrisk.venues.absences import MAX_ABSENCES, MAX_PER_CALLER, Absences
from adlrisk.venues.market_records import MarketKey

OWN = MarketKey("okx", "OWN")


def keys_of(caller: str, count: int) -> list[MarketKey]:
    return [MarketKey("okx", f"{caller}{number}") for number in range(count)]


def test_strangers_do_not_push_out_the_absences_of_others() -> None:
    """However many unknown symbols a caller asks for, no more than a tenth are remembered, and none of others' go."""
    absences = Absences(fresh_seconds=1.0)
    absences.add(OWN, asked_at=0.0, caller="own")
    unknown = keys_of("stranger", 3 * MAX_ABSENCES)
    for key in unknown:
        absences.add(key, asked_at=0.0, caller="stranger")
    assert absences.is_known(OWN, now=0.5)
    assert len(absences) == 1 + MAX_PER_CALLER == 1 + MAX_ABSENCES // 10
    assert [absences.is_known(key, now=0.5) for key in (unknown[0], unknown[-1])] == [False, True]


def test_absences_of_many_callers_are_bounded() -> None:
    """The oldest of all make room where many callers use their shares, and nothing of theirs is kept elsewhere."""
    absences = Absences(fresh_seconds=1.0)
    absences.add(OWN, asked_at=0.0, caller="own")
    for number in range(12):
        for key in keys_of(f"{number}-", MAX_PER_CALLER):
            absences.add(key, asked_at=0.0, caller=str(number))
    assert len(absences) == MAX_ABSENCES
    assert not absences.is_known(OWN, now=0.5)
    assert "own" not in absences._by_caller  # noqa: SLF001 (empty shares would fill the memory)


def test_an_absence_is_known_for_a_moment_only() -> None:
    """What was not there a second ago may be there now; what is found meanwhile is forgotten at once."""
    absences = Absences(fresh_seconds=1.0)
    absences.add(OWN, asked_at=10.0, caller="a")
    assert [absences.is_known(OWN, now=now) for now in (10.9, 11.0)] == [True, False]
    absences.add(OWN, asked_at=20.0, caller="b")  # which is b's from now on
    assert absences.is_known(OWN, now=20.5)
    assert list(absences._by_caller) == ["b"]  # noqa: SLF001
    absences.discard(OWN)
    assert not absences.is_known(OWN, now=20.5)
    assert len(absences) == len(absences._by_caller) == 0  # noqa: SLF001
