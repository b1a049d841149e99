"""infra/alerts.bicep and infra/alerts/: what sounds, and what does not."""

import pytest

from shared.api.audit_log import exchange_line
from shared.errors import AccountKeyRejected, StsUnavailable
from shared.tokens.exchange import ExchangeRecord
from tests.infra import kql
from tests.infra.template import dotted, resource, variable
from tests.unit.api.handler_harness import HandlerHarness
from tests.unit.support import DAY_S

TWO_HOURS_S = 7200
RULES = {rule["name"]: rule for rule in variable("alerts.bicep", "rules")}


def _fires(rule: str, lines: list[str]) -> bool:
    measure = RULES[rule]["measure"]
    assert (measure["timeAggregation"], measure["threshold"]) == ("Count", 0)
    return bool(kql.rows(kql.text(rule.removeprefix("alert-")), lines))


async def test_a_token_with_less_than_two_hours_left_sounds(caplog: pytest.LogCaptureFixture) -> None:
    """It does once a served token's life falls below two hours, and not before."""
    desk = HandlerHarness(caplog)
    desk.stage.script = [StsUnavailable(retry_after_s=1)] * 9
    desk.stage.clock.tick(DAY_S - TWO_HOURS_S)
    assert (await desk.ask()).status_code == 200
    assert not _fires("alert-short-lived-tokens", desk.lines)
    desk.stage.clock.tick(1)
    assert (await desk.ask()).status_code == 200
    assert _fires("alert-short-lived-tokens", desk.lines)


async def test_a_token_of_unknown_life_does_not_sound(caplog: pytest.LogCaptureFixture) -> None:
    """Nothing is known of what it has left."""
    desk = HandlerHarness(caplog)
    desk.stage.clock.tick(DAY_S)
    desk.stage.script = [desk.stage.token(None)]
    assert (await desk.ask()).status_code == 200
    assert not _fires("alert-short-lived-tokens", desk.lines)


async def test_a_refused_key_sounds_while_held_tokens_are_served(caplog: pytest.LogCaptureFixture) -> None:
    """The line of the exchange is enough: no caller has seen a failure yet."""
    desk = HandlerHarness(caplog)
    desk.stage.fail(AccountKeyRejected(upstream="sts", upstream_status=401, kind="status"))
    assert (await desk.ask()).status_code == 200
    assert _fires("alert-account-key-rejected", desk.lines)


async def test_a_refused_key_sounds_by_the_request_alone(caplog: pytest.LogCaptureFixture) -> None:
    """A request in the cool-down has no line of an exchange beside its own."""
    desk = HandlerHarness(caplog)
    desk.stage.clock.tick(DAY_S)
    desk.stage.script = [AccountKeyRejected()]
    await desk.ask()
    assert _fires("alert-account-key-rejected", [line for line in desk.lines if line.startswith("token-request ")])


def test_other_failures_do_not_sound_as_a_refused_key() -> None:
    """The STS being down is no reason to touch the keys."""
    line = exchange_line(ExchangeRecord("refresh", StsUnavailable(retry_after_s=1), 1.0))
    assert not _fires("alert-account-key-rejected", [line])


@pytest.mark.parametrize(
    ("answers", "sounds"),
    [
        ({"500": 4, "200": 56}, True),
        ({"500": 3, "200": 57}, False),  # 5 % and no more
        ({"502": 1, "503": 1, "504": 2, "200": 56}, True),
        ({"499": 30, "401": 30}, False),
        ({"500": 2}, False),  # two answers in a quiet hour
        ({"500": 3}, True),
        ({}, False),
    ],
    ids=str,
)
def test_more_than_a_twentieth_of_server_errors_sounds(answers: dict[str, int], sounds: bool) -> None:
    """Of all answers, each counted as often as it stands for, and not for one or two in a quiet hour."""
    measure = RULES["alert-server-errors"]["measure"]
    assert measure == {"timeAggregation": "Maximum", "metricMeasureColumn": "share_percent", "threshold": 5}
    requests = [{"ResultCode": status, "ItemCount": count} for status, count in answers.items()]
    row = kql.summed(kql.text("server-errors"), requests)
    assert (row is not None and row["share_percent"] > measure["threshold"]) == sounds


def test_every_rule_has_a_query_of_its_own() -> None:
    """The one of the same name."""
    for name, rule in RULES.items():
        path = rule["query"]["function"]["parameters"]["file_path"]
        assert path == f"alerts/{name.removeprefix('alert-')}.kql"


def test_every_rule_watches_the_workspace_and_tells_the_operators() -> None:
    """Each is on, sounds at the first look, looks at more time than passes between two, and tells the action group."""
    alert = resource("alerts.bicep", "alerts")
    assert alert["kind"] == "LogAlert"
    rule = alert["properties"]
    assert rule["enabled"] is True
    assert rule["scopes"] == ["workspaceId"]
    assert [dotted(group) for group in rule["actions"]["actionGroups"]] == ["told.id"]
    assert (rule["evaluationFrequency"], rule["windowSize"]) == ("PT5M", "PT15M")
    (criterion,) = rule["criteria"]["allOf"]
    union = criterion["function"]["parameters"]
    assert (dotted(union["arg_1"]), dotted(union["arg_2"]["query"])) == ("rule.measure", "rule.query")
    assert union["arg_2"]["operator"] == "GreaterThan"
    once = {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}
    assert union["arg_2"]["failingPeriods"] == once


def test_the_alerts_reach_a_mailbox() -> None:
    """The action group mails to the address that the template is given."""
    group = resource("alerts.bicep", "told")["properties"]
    assert group["enabled"] is True
    assert [receiver["emailAddress"] for receiver in group["emailReceivers"]] == ["email"]
