"""The links of the chain: accounts, who is due, order book, closing, ADL, and one step of them all."""
