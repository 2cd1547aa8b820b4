"""Pictures as inline SVG: pure functions from numbers to elements, each with its numbers as a table beside it."""
