"""What an upstream's failures are called: transport failures and statuses as our own errors, without their text."""

from collections.abc import Callable
from typing import NamedTuple

import requests
from urllib3.exceptions import NameResolutionError

from shared.errors import ArrTokenError, TransientError
from shared.formats import ms_cv_from, retry_after_s


class UpstreamFailures(NamedTuple):
    """An upstream's vocabulary.

    ``refusal`` gives the error of a status, or None for a status that is passed on to the reader. ``direct`` keeps
    the machine's proxy out of the way.
    """

    name: str
    unavailable: type[TransientError]
    unreadable: type[ArrTokenError]
    refusal: Callable[[int], type[ArrTokenError] | None]
    direct: bool = False
    sends_ms_cv: bool = False

    def unanswered(self, error: type[TransientError], kind: str) -> TransientError:
        """Return the failure of a call without an answer."""
        return error(upstream=self.name, kind=kind)

    def refused(self, answer: requests.Response, wall_s: float) -> ArrTokenError | None:
        """Return the failure that the status says, if it does; ``wall_s`` as for `retry_after_s`."""
        error = self.refusal(answer.status_code)
        if error is None:
            return None
        return self._answered(error, answer, "status", retry_after_s(answer.headers, wall_s))

    def unread(self, answer: requests.Response) -> ArrTokenError:
        """Return the failure of an answer that is too large or no text."""
        return self._answered(self.unreadable, answer, "body")

    def _answered(
        self, error: type[ArrTokenError], answer: requests.Response, kind: str, wait_s: int | None = None
    ) -> ArrTokenError:
        ms_cv = ms_cv_from(answer.headers) if self.sends_ms_cv else None
        status = answer.status_code
        return error(ms_cv=ms_cv, retry_after_s=wait_s, upstream=self.name, upstream_status=status, kind=kind)


def transport_failure_kind(error: Exception) -> str:
    """Return the word for a transport failure in the exchange's log line."""
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    reason = getattr(error.args[0] if error.args else None, "reason", None)
    return "name" if isinstance(reason, NameResolutionError) else "connection"
