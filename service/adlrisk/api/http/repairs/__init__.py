"""Repairs: what a request may hold at a place, and what the client probably meant by what it sent."""
