"""What a call can end in besides an answer."""

from adlrisk.api.http.problems import FieldError, Problem


class ClientError(Exception):
    """A call has no answer that is one; what it ends in is one of those below."""


class UnsendableError(ClientError, ValueError):
    """A value has no place in a request: it is not finite, or of a type that JSON does not have. Nothing was sent."""


class NoAnswerError(ClientError):
    """There was no whole answer: no connection, a cut one, or one that took too long.

    ``__cause__`` is httpx2's exception. ``may_be_done`` says whether the request may have reached the service, which
    matters for what changes something.
    """

    def __init__(self, message: str, *, may_be_done: bool) -> None:
        super().__init__(message)
        self.may_be_done = may_be_done


class UnreadableAnswerError(ClientError):
    """Something answered, but not as the service does, such as a proxy with a page of its own.

    ``__cause__`` is the decoder's exception where there is one.
    """

    def __init__(self, message: str, *, status: int, retry_after: float | None) -> None:
        super().__init__(message)
        self.status = status
        self.retry_after = retry_after


class ProblemError(ClientError):
    """The service answered with a problem; ``docs/problems.md`` says what to do about each.

    ``slug`` is what to branch on, ``errors`` are the fields at fault by JSON Pointer, ``request_id`` is in the
    service's log, ``retry_after`` are seconds, where the service gives them.
    """

    def __init__(self, problem: Problem, *, status: int, retry_after: float | None) -> None:
        super().__init__(f"{status} {problem.type.rpartition('/')[2]}: {problem.detail} (request {problem.instance})")
        self.problem = problem
        self.status = status
        self.retry_after = retry_after

    @property
    def slug(self) -> str:
        """The problem's type, without the path."""
        return self.problem.type.rpartition("/")[2]

    @property
    def title(self) -> str:
        """The same for every problem of this type."""
        return self.problem.title

    @property
    def detail(self) -> str:
        """What happened in this request."""
        return self.problem.detail

    @property
    def errors(self) -> tuple[FieldError, ...]:
        """The fields at fault."""
        return self.problem.errors

    @property
    def request_id(self) -> str:
        """The id of the request in the service's log."""
        return self.problem.instance
