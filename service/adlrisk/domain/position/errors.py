"""How the domain refuses what is well-formed but impossible."""


class RefusedError(ValueError):
    """The request can be read, but no answer to it would mean anything.

    ``problem`` is the slug under which the service documents the refusal, ``path`` names the value at
    fault as the caller wrote it (``("position", "adl_meter")``), ``detail`` says what is wrong with it.
    """

    def __init__(self, *, problem: str, path: tuple[str | int, ...], detail: str) -> None:
        super().__init__(detail)
        self.problem = problem
        self.path = path
        self.detail = detail
