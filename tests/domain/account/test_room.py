"""Room of an account: where it is lost, on either side of the kinks of its maintenance margin."""

from typing import Any

import pytest

from adlrisk.domain.account.room import MovingMaintenance, Room


def a_room(**given: Any) -> Room:
    """Long 1,000 with equity 100 and 1 % of maintenance margin, changed by ``given``."""
    long: dict[str, Any] = {"equity": 100.0, "slope": 1000.0, "fixed": 0.0, "scale": 1000.0}
    return Room(**{**long, "moving": [MovingMaintenance(10.0, 0.0)], **given})


def test_a_long_loses_its_room_below() -> None:
    """100 + 1,000·(t − 1) = 10·t at t = 900/990, and never above."""
    room = a_room()
    assert room.lost_below() == pytest.approx(900 / 990 - 1, rel=1e-14)
    assert room.lost_above() is None


def test_a_short_loses_its_room_above() -> None:
    """100 − 1,000·(t − 1) = 10·t at t = 1,100/1,010, and never below."""
    room = a_room(slope=-1000.0)
    assert room.lost_above() == pytest.approx(1100 / 1010 - 1, rel=1e-14)
    assert room.lost_below() is None


def test_what_does_not_move_leaves_less_room() -> None:
    """With 40 of other positions, 60 + 1,000·(t − 1) = 10·t at t = 940/990."""
    assert a_room(fixed=40.0).lost_below() == pytest.approx(940 / 990 - 1, rel=1e-14)


@pytest.mark.parametrize(
    ("equity", "lost_at"),
    [
        (190.0, 730 / 900),  # before the kink at t = 0.8: 190 + 1,000·(t − 1) = 100·t − 80
        (200.0, 0.8),  # at the kink
        (250.0, 0.75),  # beyond it nothing is due: 250 + 1,000·(t − 1) = 0
    ],
)
def test_room_below_a_kink_is_without_its_maintenance(equity: float, lost_at: float) -> None:
    """A deduction of 80 uses up a maintenance margin of 100·t below t = 0.8."""
    room = a_room(equity=equity, moving=[MovingMaintenance(100.0, 80.0)])
    assert room.lost_below() == pytest.approx(lost_at - 1, rel=1e-13)


@pytest.mark.parametrize(("equity", "lost_at"), [(100.0, 1.1), (300.0, 1420 / 1100)])
def test_maintenance_begins_above_a_kink(equity: float, lost_at: float) -> None:
    """A short's maintenance margin of 100·t − 120 begins at t = 1.2."""
    room = a_room(equity=equity, slope=-1000.0, moving=[MovingMaintenance(100.0, 120.0)])
    assert room.lost_above() == pytest.approx(lost_at - 1, rel=1e-13)


def test_a_slope_of_rounding_is_none() -> None:
    """Legs that cancel but for rounding lose no room, however far the price moves."""
    room = a_room(slope=1e-11, moving=[])
    assert (room.lost_below(), room.lost_above()) == (None, None)
    assert a_room(slope=-1e-11, moving=[]).lost_above() is None


def test_growing_maintenance_ends_a_perfect_hedge() -> None:
    """Where equity does not move, maintenance margin still rises with the price: 100 = 10·t at t = 10."""
    room = a_room(slope=0.0)
    assert room.lost_below() is None
    assert room.lost_above() == pytest.approx(9.0, rel=1e-14)


def test_a_room_lost_at_nothing_is_never_lost() -> None:
    """An unleveraged long loses its last at a price of 0, which is out of reach."""
    assert a_room(equity=1000.0, moving=[]).lost_below() is None
