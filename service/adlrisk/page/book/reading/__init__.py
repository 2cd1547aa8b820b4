"""Texts of books, pasted or uploaded: what they hold, and in which line and column something is wrong."""
