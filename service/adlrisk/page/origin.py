"""Where a form comes from: only the service's own pages may send one."""

from typing import Final

from adlrisk.api.dispatch.endpoint import PageCall
from adlrisk.api.http.problems import ProblemError

_OWN: Final = ("same-origin", "none")  # none: the user's own doing, such as a reload


def reject_foreign_form(call: PageCall) -> None:
    """Reject a form that a page of another site has sent. Clients that are no browser say nothing of it.

    Only hosts are compared: a proxy in front may have ended the TLS.

    Raises:
        ProblemError: it comes from elsewhere (403).
    """
    site, origin = call.headers.text(b"sec-fetch-site"), call.headers.text(b"origin")
    host = call.headers.text(b"host")
    if (site and site not in _OWN) or (origin and origin.partition("://")[2].lower() != host.lower()):
        raise ProblemError("foreign-form", "The form was sent from another site; open this page and send it from here")
