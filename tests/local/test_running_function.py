import pytest

from local.running_function import LiveExchange
from shared.clock import system_clock
from shared.errors import StsThrottled
from shared.tokens.cache import TokenCache
from shared.tokens.exchange import Exchange, TokenOrFailure
from shared.tokens.issued_token import IssuedToken


def token(lifetime_s: int) -> IssuedToken:
    return IssuedToken(value="x", ms_cv=None, issued_at=system_clock(), expires_on=1, lifetime_s=lifetime_s)


@pytest.mark.parametrize(
    ("result", "outcome"),
    [(token(86_400), "ok"), (token(0), "sts-invalid-response"), (StsThrottled(), "sts-throttled")],
    ids=["token", "expired token", "failure"],
)
def test_the_outcome_is_the_logs(result: TokenOrFailure, outcome: str) -> None:
    """The page names an exchange's result like the log, also for a token that the cache rejects."""
    cache = TokenCache(
        lambda _: None,
        refresh_after_s=3600,
        min_validity_s=900,
        max_wait_s=10,
        clock=system_clock,
        on_finished=lambda _: None,
    )
    exchange = cache.ensure_exchange("request")
    assert isinstance(exchange, Exchange)
    ended: list[str] = []
    LiveExchange(cache, exchange).when_done(lambda outcome, _: ended.append(outcome))
    exchange.complete(result)
    assert ended == [outcome]
