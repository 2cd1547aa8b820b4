"""How much of a request's head has come, as packets do not end where heads do."""


class HeadProgress:
    """What a head has at least, and at most, bytes."""

    def __init__(self) -> None:
        self.is_open = False
        self.least = 0
        self.most = 0
        self._received = 0
        self._is_exact = False

    def receive(self, size: int, *, from_its_start: bool) -> None:
        """A packet has come, which a head may begin in; ``from_its_start`` where nothing was under way before it."""
        self._received = size
        self._is_exact = from_its_start
        if self.is_open:
            self.least += size
            self.most += size

    def begin(self) -> None:
        """A head begins in the packet; it has all of it if it is the first to."""
        self.is_open = True
        self.most = self._received
        self.least = self._received if self._is_exact else 0
        self._is_exact = False

    def end(self) -> None:
        """The head has come."""
        self.is_open = False
