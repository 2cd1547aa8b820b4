"""Requests to a venue through ccxt: lists of positions, what their rows lack, and the equity behind them."""
