"""Samples of what the venues answer, in the shapes of their documentation, one module a venue, and the facts in them.

The facts were written from the documentation by somebody who had not seen the readers.
"""
