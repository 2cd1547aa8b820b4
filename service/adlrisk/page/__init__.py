"""The page for people: a form, and what the API answers to it, as HTML that is rendered here and works without script.

Every number on it is one of the API's answers, whose endpoints are called in this process (``calls.py``). Renderers are
pure functions from decoded answers to nodes of HTML.
"""
