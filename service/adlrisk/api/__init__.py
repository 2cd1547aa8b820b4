"""The HTTP API, in seven rooms from top to bottom: server, app, endpoints, dispatch, limits and bulk, http.

Each may import only what is below it; import-linter checks that.
"""
