"""What an auto-deleveraging does to a position, as pure functions of plain values.

No clock, no environment, no input or output, no logging: everything a function needs is an argument.
"""
