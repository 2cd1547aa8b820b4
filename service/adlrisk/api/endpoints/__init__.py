"""The endpoints, one package per first path segment, each with its route line, handler, texts and Structs.

To add one, write its module and list it in the route table of ``app``. Packages share only what is in ``shared``.
"""
