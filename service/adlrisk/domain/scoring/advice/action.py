"""Actions as an answer has them, and how useful one is."""

from typing import Annotated, Final, Literal

from msgspec import Meta, Struct

from adlrisk.domain.scoring.signals import SignalName

ActionName = Literal[
    "add_margin",
    "reduce_size",
    "take_profit",
    "avoid_crowded_entry",
    "keep_margin_buffer",
    "hedge",
    "watch_hedge",
    "close_before_settlement",
]
Unit = Literal["settlement", "contracts"]
Urgency = Literal["fired", "near"]


class Action(Struct, frozen=True, kw_only=True, gc=False, rename={"for_": "for"}):
    """One thing to do, for which signals, and why."""

    action: ActionName
    applies_to: Annotated[tuple[SignalName, ...], Meta(description="The signals it answers.")]
    for_: Annotated[
        Urgency,
        Meta(
            description="`fired`: a signal that it answers has fired, or liquidation is near; `near`: they are only "
            "within 20 % of their thresholds."
        ),
    ] = "fired"
    reason: Annotated[str, Meta(description="What it does here, and what it does not.")]
    amount: Annotated[
        float | None,
        Meta(description="The amount of the sentence in full precision; null where it depends on what is not known."),
    ] = None
    unit: Annotated[
        Unit | None,
        Meta(description="Of `amount`: margin in `settlement` currency, or `contracts` to close."),
    ] = None


# How useful an action is, most useful first.
Effect = Literal[0, 1, 2, 3, 4, 5]
MOVES_LIQUIDATION: Final = 0  # a near or due liquidation is further away after it
BAND_FALLS: Final = 1
CLOSES: Final = 2  # the whole position
SCORE_FALLS: Final = 3  # within its band
EASES: Final = 4  # lowers what a signal or the queue judges, or what can be taken, by no certain amount
GUARDS: Final = 5  # prepares for what comes

Advice = tuple[Effect, str, float | None, Unit | None]  # effect, sentence, amount and its unit
