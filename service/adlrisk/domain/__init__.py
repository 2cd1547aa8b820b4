"""The domain: auto-deleveraging as pure functions of plain values.

No clock, environment, input, output or logging: everything a function needs is an argument.
"""
