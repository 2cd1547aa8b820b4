"""The sentences of all advice, with placeholders; none has more than 25 words once they are filled in.

The placeholders: ``amount`` margin or contracts, ``ratios`` what is brought below its limit (``RATIOS``), ``effect``
on the score (``EFFECTS``), where ``band`` and ``points`` are a range while a signal is unknown, ``name`` of the
leverage that is judged, ``crowd`` and ``others`` the sides of the market.
"""

from typing import Final

from adlrisk.domain.rules.card import Mechanism

RATIOS: Final = {
    "leverage": "{name} under {limit}×",
    "profit": "profit under {limit} of the equity",
}
EFFECTS: Final = {
    "band": "the band falls to {band}",
    "score": "the score falls to {points}",
    "near": "well below its threshold",
}

ADD_MARGIN: Final = {
    "turns off": "Adding {amount} of margin brings {ratios}: {effect}.",
    "lowers the key": "Extra margin lowers the key that ranks the position ({formula}, {confidence}).",
    "unknown": "Extra margin lowers {name}, but by how much is unknown here.",
}

REDUCE_SIZE: Final = {
    "turns off": "Closing {amount} of {size} contracts at mark brings {ratios}: {effect}.",
    "turns off if cross": "With cross margin, closing {amount} of {size} contracts at mark brings {ratios}. With "
    "isolated margin it changes no ratio.",
    "insolvent": "Closing part limits what can still be lost; it frees no margin while equity is not above 0.",
    "too little": "Closing nearly all of it would be needed to bring {name} down; more margin does as much.",
    "cross": "Closing part leaves less to be taken; all margin stays behind the rest, so leverage falls.",
    "isolated": "Closing part leaves less to be taken. With isolated margin leverage and profit ratios stay as they "
    "are{rank}.",
    "hedging leg": "Closing one side of a hedge alone leaves the account more exposed: close both sides alike.",
    "either": "Closing part leaves less to be taken; leverage falls only if the margin is cross.",
}
RANKS: Final = {
    "same": ", and so does the place in the queue",
    "tiers": ", and but for maintenance tiers the place in the queue",
    "lower": ", while the ranking key falls",
    "none": "",
}

TAKE_PROFIT: Final = "Closing all at mark takes the unrealized {profit} at a moment of your choice."
# By the price of the venue's forced fill, and whether it cancels open orders.
FORCED_FILLS: Final = {
    ("bankruptcy", False): "An ADL fills at the bankruptcy price of the liquidated position.",
    ("bankruptcy", True): "An ADL fills at the bankruptcy price of the liquidated position, and cancels open orders.",
    ("mark", False): "An ADL fills at the venue's mark or oracle price, at a moment that is not.",
    ("mark", True): "An ADL fills at the venue's mark or oracle price, at a moment that is not, and cancels open "
    "orders.",
    ("unknown", False): "The price at which the venue's ADL fills is not known.",
    ("unknown", True): "The price at which the venue's ADL fills is not known; it cancels open orders.",
}
SHARED_OUT: Final = "Losses of others can be shared out later."

STRESS: Final = "Liquidations are more likely than usual: wait with new entries until the stress has passed."
OPEN_INTEREST: Final = "Open interest is high: when the price turns, more than usual is liquidated."
CROWDING: Final[dict[Mechanism, str]] = {
    "queue": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}, and an ADL then reduces "
    "profitable {others}.",
    "random": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}, and the venue then "
    "closes {others} by chance.",
    "keeper": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}; if it does not, "
    "keepers reduce their profits.",
    "socialised": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}, and what their "
    "margin does not cover is shared out.",
    "unknown": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}; {others} are then "
    "closed in an unknown order.",
    "none": "Funding shows crowded {crowd}: they are liquidated first when the price {turns}; the venue bears what "
    "their margin does not cover.",
}
# What that means for the position: on the crowded side, and on the other one.
ON_CROWDED_SIDE: Final = "This {side} is one of them: add nothing to it, and keep its margin ample."
ON_CROWDED_SIDE_OF_KEEPERS: Final = "This {side} is one of them, threatened by both: add nothing to it."
ON_OTHER_SIDE: Final[dict[Mechanism, str]] = {
    "queue": "This {side} is on the side that is deleveraged, winners first: add nothing to it.",
    "random": "This {side} is on the side that is closed by chance, so add nothing to it.",
    "keeper": "This {side} is on the other side, which neither threatens first.",
    "socialised": "This {side} may have to bear a part of it.",
    "unknown": "This {side} is on the side that is closed by force, so add nothing to it.",
    "none": "This {side} is on the other side, which no forced close threatens.",
}
ON_OTHER_SIDE_IN_NO_QUEUE: Final = "This {side} is on the side that is deleveraged, but in no queue as it stands."

KEEP_MARGIN_BUFFER: Final = {
    "due": "{passed}: liquidation is due, and only more margin can still prevent it.",
    "due, amount": "{passed}: liquidation is due; adding {amount} of margin moves it more than {distance} away.",
    "near": "The liquidation price of {price} is only {away} away: add margin before the price gets there.",
    "near, amount": "The liquidation price of {price} is only {away} away: adding {amount} of margin moves it more "
    "than {distance} away.",
    "near, bankruptcy": "The position is bankrupt {away} away at {price}, and liquidated before, at an unknown price: "
    "add margin.",
    "near, account": "The account is liquidated once all marks have moved by {move}: add margin before that.",
    "within reach": "The liquidation price of {price} is {away} away: keep free margin for a move larger than usual.",
    "bankruptcy": "The position is bankrupt {away} away at {price}, and liquidated before, at an unknown price: keep "
    "free margin.",
    "unknown": "The liquidation price is unknown, as {what} is: keep free margin for a move larger than usual.",
}
PASSED: Final = {
    "maintenance": "Equity no longer exceeds the maintenance margin",
    "price": "The mark price is past the liquidation price of {price}",
    "equity": "Equity is used up",
}

HEDGE: Final = {
    "queue": "An opposite position elsewhere limits the loss from a price move, but not the place in this queue.",
    "other": "An opposite position elsewhere limits the loss from a price move.",
    "socialised": "An opposite position elsewhere limits the loss from a price move, but not a loss that the venue "
    "shares out.",
    "left alone": "If an ADL closes this side, the hedge is left alone and must be closed as well.",
}
WATCH_HEDGE: Final = "An ADL closes this side only: the hedge elsewhere is then left open, and must be cut at once."
