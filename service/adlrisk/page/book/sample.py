"""A book to try the page with: small, and made up."""

from typing import Final

SAMPLE_NAME: Final = "made-up-book.csv"
# ETH, say: shorts from above are in profit, and two longs are so highly leveraged that a fall bankrupts them.
SAMPLE_BOOK: Final = """\
id,side,size,entry_price,margin,leverage
ann,short,40,2150,9000,
ben,short,60,2080,,20
cyd,short,25,2020,,50
me,short,30,2090,6500,
dee,short,80,1990,40000,
eli,short,15,1960,,10
fay,long,120,2050,,25
gus,long,70,1985,,40
hal,long,40,1900,20000,
ivy,long,20,1850,,5
"""
SAMPLE_VALUES: Final = {
    "venue": "bitmex",
    "mark_price": "2000",
    "own_id": "me",
    "bankrupt_side": "long",
    "bankrupt_size": "90",
    "bankruptcy_price": "2012",
    "lot_size": "0.01",
    "fund_balance": "500",
    "size_for_one_percent": "60",
    "maintenance_margin_rate": "0.01",
    "volatility": "0.8",
}
