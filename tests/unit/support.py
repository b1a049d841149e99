"""Shared by the unit tests: clocks that a test moves, and exchanges that a test completes."""

import asyncio
from collections.abc import Awaitable, Callable

import azure.functions as func

from shared.clock import Moment
from shared.errors import ArrTokenError
from shared.tokens.cache import CachedToken, Failure, TokenCache
from shared.tokens.exchange import Exchange, ExchangeResult, TokenOrFailure
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
    """A token cache whose exchanges complete when the test says so, or at once with the next result in ``script``.

    Every jitter factor is 1 unless ``jitter`` chooses: "least" and "most" are the bounds that the code asks for.
    """

    def __init__(
        self, jitter: str = "none", on_finished: Callable[[ExchangeResult], None] | None = None, **settings: float
    ) -> None:
        self.clock = FakeClock()
        self.exchanges: list[Exchange] = []
        self.finished: list[ExchangeResult] = []
        self.script: list[TokenOrFailure] = []
        defaults: dict[str, float] = {"refresh_after_s": 3600, "min_validity_s": 900, "max_wait_s": 10}
        self.cache = TokenCache(
            self._run,
            clock=self.clock,
            on_finished=on_finished or self.finished.append,
            uniform=JITTERS[jitter],
            **(defaults | settings),
        )

    def _run(self, exchange: Exchange) -> None:
        self.exchanges.append(exchange)
        if self.script:
            exchange.complete(self.script.pop(0))

    @property
    def live(self) -> list[Exchange]:
        """The exchanges that have not completed."""
        return [exchange for exchange in self.exchanges if not exchange.result.done()]

    def token(self, lifetime_s: int | None = DAY_S, value: str = "ey.J.x", ms_cv: str | None = MS_CV) -> IssuedToken:
        """Return a token that is issued now."""
        expires_on = None if lifetime_s is None else ISSUED_ON + lifetime_s
        return IssuedToken(
            value=value, ms_cv=ms_cv, issued_at=self.clock(), expires_on=expires_on, lifetime_s=lifetime_s
        )

    def fill(self, lifetime_s: int | None = DAY_S, value: str = "ey.J.x") -> IssuedToken:
        """Complete the exchange of loading with a token that is issued now, and return the token."""
        token = self.token(lifetime_s, value)
        self.cache.ensure_exchange("load")
        self.exchanges[-1].complete(token)
        return token

    def fail(self, error: ArrTokenError) -> None:
        """Start an exchange for a request, and complete it with a failure."""
        self.cache.ensure_exchange("request")
        self.exchanges[-1].complete(error)

    async def get(self, *, min_validity_s: int = 0, renew: bool = False) -> CachedToken:
        """Return a request's token; any other result fails the test."""
        result = await self.cache.get(min_validity_s=min_validity_s, renew=renew)
        assert isinstance(result, CachedToken), result
        return result

    async def failure(self, *, min_validity_s: int = 0, renew: bool = False) -> Failure:
        """Return a request's failure; any other result fails the test."""
        result = await self.cache.get(min_validity_s=min_validity_s, renew=renew)
        assert isinstance(result, Failure), result
        return result

    async def complete(self, result: TokenOrFailure) -> None:
        """Complete the live exchange; as the last of a ``gather``, after the others have begun to wait."""
        self.exchanges[-1].complete(result)

    async def together[Result](self, *requests: Awaitable[Result], result: TokenOrFailure) -> list[Result]:
        """Return the results of requests that wait together for an exchange with this result."""
        waiting = [asyncio.ensure_future(request) for request in requests]
        await asyncio.gather(*waiting, self.complete(result))
        return [request.result() for request in waiting]


def _least(least: float, _: float) -> float:
    return least


def _most(_: float, most: float) -> float:
    return most


def _none(_: float, __: float) -> float:
    return 1.0


JITTERS = {"least": _least, "most": _most, "none": _none}


def http_request(headers: dict[str, str] | None = None, **query: str) -> func.HttpRequest:
    """Return a request in the form in which the worker passes it on."""
    return func.HttpRequest("GET", "https://app/api/GetArrToken", headers=headers, params=query, body=b"")
