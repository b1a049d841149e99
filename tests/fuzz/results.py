"""Checks a result of any input: a problem of the contract or a usable value, in bounded memory, without a secret."""

import json
import re
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from hypothesis import currently_in_test_context, event

from shared.api.problems import problem_response, title_and_detail
from shared.api.token_response import TokenResponse
from shared.errors import ArrTokenError, InternalError, TransientError
from shared.settings import Settings, read_settings
from shared.tokens.cache import CachedToken
from shared.tokens.issued_token import IssuedToken
from tests.fuzz.rubbish import ECHO

SETTINGS: Final[Settings] = read_settings(
    {"KEY_VAULT_URL": "https://vault.vault.azure.net", "ARR_ACCOUNT_ID": "35d830cb-f062-4062-9792-d6316039df56"}
)
_TEXT: Final = re.compile(r"[a-z-]+ upstream=[a-z-]+ status=(-|[0-9]{3}) kind=[a-z-]+")
_HEADER_VALUE: Final = re.compile(r"[!-~]{1,128}")
_REQUEST_ID: Final = "3f6c6f5e-0d0e-4c7e-9d55-0a4f6a0c9a51"


def result_of[T](act: Callable[[], T], *, most_bytes: int) -> T | ArrTokenError:
    """Return the value or the problem of a call, both checked; every other exception propagates."""
    tracemalloc.start()
    try:
        result: T | ArrTokenError = act()
    except ArrTokenError as error:
        result = error
    finally:
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert peak < most_bytes, f"{peak} bytes"
    check(result)
    return result


def code_of(result: object) -> str:
    """Return the problem's code, or "ok"."""
    return result.code if isinstance(result, ArrTokenError) else "ok"


def check(result: object, secrets: Iterable[str] = (ECHO,)) -> None:
    """Check a value or a problem, and that it shows no secret."""
    shown = f"{result!s} {result!r}"
    if isinstance(result, ArrTokenError):
        _check_problem(result)
        shown += "".join(f"{error!s} {error!r}" for error in _behind(result))
    elif isinstance(result, IssuedToken):
        _check_token(result)
    assert not any(secret in shown for secret in secrets)
    if currently_in_test_context():
        event(code_of(result))


def _behind(error: BaseException) -> Iterator[BaseException]:
    """Return the errors that a traceback would show with this one."""
    behind = error.__cause__ or error.__context__
    if behind is not None:
        yield behind
        yield from _behind(behind)


def _check_problem(error: ArrTokenError) -> None:
    assert not isinstance(error, InternalError)
    assert not error.args
    assert _TEXT.fullmatch(str(error))
    assert error.ms_cv is None or _HEADER_VALUE.fullmatch(error.ms_cv)
    assert error.retry_after_s is None or 0 <= error.retry_after_s <= 3600
    response = problem_response(error, _REQUEST_ID)
    assert isinstance(error, TransientError) or "Retry-After" not in response.headers
    body = json.loads(response.get_body())
    assert (body["title"], body["detail"], body["msCv"]) == (*title_and_detail(error), error.ms_cv)


def _check_token(token: IssuedToken) -> None:
    assert re.fullmatch("[!-~]+", token.value)
    assert token.ms_cv is None or _HEADER_VALUE.fullmatch(token.ms_cv)
    assert token.lifetime_s is None or token.lifetime_s > 0
    assert (token.lifetime_s is None) or (token.expires_on is not None)
    response = TokenResponse(token, SETTINGS).response(CachedToken(token, 0.0, waited=True), _REQUEST_ID)
    body = json.loads(response.get_body())
    assert (body["AccessToken"], body["MsCv"], body["ExpiresIn"]) == (token.value, token.ms_cv, token.lifetime_s)
