"""The alerts, and the log lines and responses that fire them."""

import pytest

from tests.infra import kql
from tests.infra.deployments import DEPLOYMENTS, INFRA, Deployment
from tests.infra.lines import exchange, request

ACTION_GROUP = "Microsoft.Insights/actionGroups/ag-arr-token"
RULES = {
    rule["properties"]["displayName"]: rule["properties"]
    for rule in DEPLOYMENTS["default"].of_type("Insights/scheduledQueryRules")
}


def _fires(rule: str, lines: list[str], responses: dict[str, int] | None = None) -> bool:
    """Evaluate a rule as Azure Monitor would: its query, its measure, its threshold."""
    (criterion,) = RULES[rule]["criteria"]["allOf"]
    assert criterion["operator"] == "GreaterThan"
    rows = kql.run(criterion["query"], lines, responses)
    if criterion["timeAggregation"] == "Count":
        return len(rows) > int(criterion["threshold"])
    assert criterion["timeAggregation"] == "Maximum"
    return any(bool(row[criterion["metricMeasureColumn"]] > criterion["threshold"]) for row in rows)


@pytest.mark.parametrize(
    ("rule", "lines", "fires"),
    [
        ("alert-short-lived-tokens", [request(expires_in="7199")], True),
        ("alert-short-lived-tokens", [request(expires_in="7200")], False),
        ("alert-short-lived-tokens", [request(expires_in="-")], False),  # a token of unknown lifetime
        ("alert-account-key-rejected", [request(), exchange("account-key-rejected")], True),  # no caller failed yet
        ("alert-account-key-rejected", [request("account-key-rejected")], True),  # in the cool-down: no exchange
        ("alert-account-key-rejected", [exchange("sts-unavailable"), request("sts-unavailable")], False),
        ("alert-key-skipped", [exchange(key="2/2", skipped="sts:401")], True),
        ("alert-key-skipped", [exchange("account-key-rejected", key="-", skipped="key-vault:404,sts:401")], True),
        ("alert-key-skipped", [exchange(), request(), exchange(key="-")], False),
    ],
)
def test_which_lines_fire_an_alert(rule: str, lines: list[str], fires: bool) -> None:
    """An operator hears of an expiring token, of rejected keys, and of a skipped key while another one works."""
    assert _fires(rule, lines) == fires


@pytest.mark.parametrize(
    ("responses", "fires"),
    [
        ({"500": 4, "200": 56}, True),
        ({"500": 3, "200": 57}, False),  # 5 % and no more
        ({"502": 1, "503": 1, "504": 2, "200": 56}, True),
        ({"499": 30, "401": 30}, False),
        ({"500": 2}, False),  # two responses in a quiet hour
        ({"500": 3}, True),
        ({}, False),
    ],
    ids=str,
)
def test_more_than_a_twentieth_of_server_errors_fires(responses: dict[str, int], fires: bool) -> None:
    """An operator hears of 5xx above 5 % of all responses, and not of one or two in a quiet hour."""
    assert _fires("alert-server-errors", [], responses) == fires


def test_every_query_of_an_alert_is_deployed() -> None:
    """Each query file of an alert becomes an alert with the file's name."""
    files = {f"alert-{file.stem}": file.read_text(encoding="utf-8") for file in (INFRA / "alerts").glob("*.kql")}
    assert {name: rule["criteria"]["allOf"][0]["query"] for name, rule in RULES.items()} == files


@pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_rule_watches_the_log_and_tells_the_operators(deployment: Deployment) -> None:
    """Each alert is on, fires at its first evaluation, and covers more time than its interval, so none is missed."""
    group = deployment.one("Insights/actionGroups")
    assert group["properties"]["enabled"] is True
    assert [one["emailAddress"] for one in group["properties"]["emailReceivers"]] == ["operators@example.com"]
    assert len(group["properties"]["groupShortName"]) <= 12  # Azure's limit
    for alert in deployment.of_type("Insights/scheduledQueryRules"):
        rule = alert["properties"]
        assert rule["enabled"] is True
        assert rule["scopes"] == [deployment.one("OperationalInsights/workspaces")["id"]]
        assert rule["actions"]["actionGroups"] == [group["id"]]
        assert (rule["evaluationFrequency"], rule["windowSize"]) == ("PT5M", "PT15M")
        once = {"numberOfEvaluationPeriods": 1, "minFailingPeriodsToAlert": 1}
        assert rule["criteria"]["allOf"][0]["failingPeriods"] == once
