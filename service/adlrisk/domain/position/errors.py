"""The domain's error: a request that is well-formed but cannot be answered."""


class RefusedError(ValueError):
    """The request is well-formed, but no answer to it would be meaningful.

    ``problem`` is the slug of the documented problem type, ``path`` locates the offending value in the
    request (``("position", "adl_meter")``), ``detail`` says what is wrong with it.
    """

    def __init__(self, *, problem: str, path: tuple[str | int, ...], detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.path = path
        self.detail = detail
