"""infra/silence.bicep: the alerts for a function that logs nothing."""

import pytest

from tests.infra.deployments import DEPLOYMENTS, Deployment, Resource

DEFAULT = DEPLOYMENTS["default"]
APP = DEFAULT.one("Web/sites")


def _metric_alert(name: str) -> Resource:
    return dict(DEFAULT.one("Insights/metricAlerts", f"{name}-arr-token")["properties"])


def test_a_host_that_does_not_start_is_noticed() -> None:
    """Without any caller, operators hear of a host that does not start once two locations see it."""
    test = DEFAULT.one("Insights/webtests")
    properties = test["properties"]
    assert "/up" in properties["Request"]["RequestUrl"]
    assert properties["ValidationRules"]["ExpectedHttpStatusCode"] == 404
    assert (properties["Enabled"], properties["Frequency"], len(properties["Locations"])) == (True, 300, 3)
    alert = _metric_alert("alert-not-up")
    insights = DEFAULT.one("Insights/components")["id"]
    assert alert["scopes"] == [test["id"], insights]
    assert alert["criteria"]["failedLocationCount"] == 2
    assert test["tags"] == {f"hidden-link:{insights}": "Resource"}


def test_the_test_can_be_switched_off() -> None:
    """The availability test, which costs money, can be switched off; the other alerts stay."""
    deployment = DEPLOYMENTS["everything"]
    assert deployment.of_type("Insights/webtests") == []
    names = {one["name"].removesuffix("-arr-token-test-20-xx") for one in deployment.of_type("Insights/metricAlerts")}
    assert names == {"alert-platform-errors", "alert-callers-refused"}


@pytest.mark.parametrize(
    ("alert", "metric", "kind"),
    [
        ("alert-platform-errors", "Http5xx", "StaticThresholdCriterion"),
        ("alert-callers-refused", "Http4xx", "DynamicThresholdCriterion"),
    ],
)
def test_what_the_platform_answers_itself_is_counted(alert: str, metric: str, kind: str) -> None:
    """Operators hear of 5xx and of an unusual number of 4xx, even without a log line."""
    rule = _metric_alert(alert)
    (criterion,) = rule["criteria"]["allOf"]
    assert (criterion["metricName"], criterion["criterionType"]) == (metric, kind)
    assert rule["scopes"] == [APP["id"]]


def test_azures_own_word_is_passed_on() -> None:
    """Operators hear of every resource of the group that Azure reports as unavailable."""
    alert = DEFAULT.one("Insights/activityLogAlerts")["properties"]
    category, states = alert["condition"]["allOf"]
    assert category == {"field": "category", "equals": "ResourceHealth"}
    assert {one["equals"] for one in states["anyOf"]} == {"Unavailable", "Degraded"}
    assert alert["scopes"][0].endswith("/resourceGroups/rg-arr-token")


@pytest.mark.parametrize("deployment", DEPLOYMENTS.values(), ids=DEPLOYMENTS)
def test_every_alert_is_on_and_tells_the_operators(deployment: Deployment) -> None:
    """Each alert is enabled and uses the action group, in every deployment."""
    group = deployment.one("Insights/actionGroups")["id"]
    for alert in deployment.of_type("Insights/metricAlerts"):
        assert alert["properties"]["enabled"] is True
        assert alert["properties"]["actions"] == [{"actionGroupId": group}]
    health = deployment.one("Insights/activityLogAlerts")["properties"]
    assert (health["enabled"], health["actions"]) == (True, {"actionGroups": [{"actionGroupId": group}]})
