"""``/openapi.json`` and ``/docs``: the documentation of the API."""
