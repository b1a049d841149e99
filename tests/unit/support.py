"""What unit tests share: clocks that they move, and exchanges that they settle by hand."""

import asyncio
from collections.abc import Awaitable
from typing import Any

import azure.functions as func

from shared.clock import Moment
from shared.errors import ArrTokenError
from shared.tokens.cache import CachedToken, TokenCache
from shared.tokens.exchange import Exchange, TokenOrFailure
from shared.tokens.issued_token import IssuedToken

ACCOUNT_ID = "35d830cb-f062-4062-9792-d6316039df56"
USER_ID = "0f4ac1b5-6a3d-4a0e-9a35-3cb1a1f4f6a1"
VAULT = "https://vault.vault.azure.net"
MS_CV = "gKXl1CkeG0mRb6HEtMUmHQ.0"
ENVIRONMENT = {"KEY_VAULT_URL": VAULT, "ARR_ACCOUNT_ID": ACCOUNT_ID}
DAY_S = 86_400
NAMES = (
    "KEY_VAULT_URL",
    "ARR_ACCOUNT_ID",
    "ARR_ACCOUNT_DOMAIN",
    "ARR_STS_URL",
    "ARR_ACCOUNT_KEY_SECRETS",
    "ARR_CREDENTIAL",
    "ARR_REQUIRED_ROLE",
    "ARR_REFRESH_AFTER_SECONDS",
    "ARR_MIN_VALIDITY_SECONDS",
    "ARR_MAX_WAIT_SECONDS",
    "AZURE_CLIENT_ID",
)
ISSUED_ON = 1_795_000_000  # some second in 2026


class FakeClock:
    """Both clocks of a host; they stand still until a test moves them."""

    def __init__(self) -> None:
        self.monotonic = 1000.0
        self.wall = float(ISSUED_ON)

    def __call__(self) -> Moment:
        """Read them."""
        return Moment(self.monotonic, self.wall)

    def tick(self, seconds: float) -> None:
        """Let time pass."""
        self.monotonic += seconds
        self.wall += seconds


class CacheHarness:
    """A token cache whose exchanges end when the test says so, or at once with what stands in ``script``.

    Jitter is 1 unless ``jitter`` chooses: "least" and "most" are the bounds that the code asks for.
    """

    def __init__(self, jitter: str = "none", **lifetimes: float) -> None:
        self.clock = FakeClock()
        self.exchanges: list[Exchange] = []
        self.script: list[TokenOrFailure] = []
        self.cache = TokenCache(self._launch, lifetimes_of(**lifetimes), self.clock, uniform=JITTERS[jitter])

    def _launch(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self.script:
            exchange.settle(self.script.pop(0))

    @property
    def live(self) -> list[Exchange]:
        """The exchanges that are under way."""
        return [exchange for exchange in self.exchanges if not exchange.outcome.done()]

    def token(self, lifetime_s: int | None = DAY_S, value: str = "ey.J.x", ms_cv: str | None = MS_CV) -> IssuedToken:
        """Return a token that is issued now."""
        expires_on = None if lifetime_s is None else ISSUED_ON + lifetime_s
        return IssuedToken(
            value=value, ms_cv=ms_cv, issued_at=self.clock(), expires_on=expires_on, lifetime_s=lifetime_s
        )

    def hold(self, lifetime_s: int | None = DAY_S, value: str = "ey.J.x") -> IssuedToken:
        """Have the cache hold a token that is issued now, as after loading."""
        token = self.token(lifetime_s, value)
        self.cache.start("load")
        self.exchanges[-1].settle(token)
        return token

    def fail(self, error: ArrTokenError) -> None:
        """Have an exchange start, and fail."""
        self.cache.start("request")
        self.exchanges[-1].settle(error)

    async def settle(self, outcome: TokenOrFailure) -> None:
        """End the live exchange; as the last of a ``gather``, once the others wait for it."""
        self.exchanges[-1].settle(outcome)

    async def together(
        self, *requests: Awaitable[CachedToken], outcome: TokenOrFailure
    ) -> list[CachedToken | BaseException]:
        """Return what requests get that wait together for an exchange with this outcome."""
        waiting = [asyncio.ensure_future(request) for request in requests]
        await asyncio.gather(*waiting, self.settle(outcome), return_exceptions=True)
        return [request.exception() or request.result() for request in waiting]


def _least(least: float, _: float) -> float:
    return least


def _most(_: float, most: float) -> float:
    return most


def _none(_: float, __: float) -> float:
    return 1.0


JITTERS = {"least": _least, "most": _most, "none": _none}


def lifetimes_of(**lifetimes: float) -> dict[str, float]:
    """Return the default lifetimes but for those that are given."""
    defaults: dict[str, float] = {"refresh_after_s": 3600, "min_validity_s": 900, "max_wait_s": 10}
    return defaults | lifetimes


async def failure_of(request: Awaitable[Any]) -> ArrTokenError:
    """Return the error that a request ends with."""
    try:
        answer = await request
    except ArrTokenError as error:
        return error
    raise AssertionError(f"no error, but {answer!r}")


def http_request(headers: dict[str, str] | None = None, **query: str) -> func.HttpRequest:
    """Return a request as the worker hands it over."""
    return func.HttpRequest("GET", "https://app/api/GetArrToken", headers=headers, params=query, body=b"")
