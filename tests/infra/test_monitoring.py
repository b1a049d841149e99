"""infra/monitoring.bicep: where the log goes."""

from tests.infra.template import dotted, parameter, resource


def test_telemetry_needs_an_entra_token() -> None:
    """The connection string lets nobody write; neither does the workspace's key."""
    insights = resource("monitoring.bicep", "insights")["properties"]
    assert insights["DisableLocalAuth"] is True
    workspace = resource("monitoring.bicep", "workspace")["properties"]
    assert workspace["features"] == {"disableLocalAuth": True}


def test_the_component_writes_into_the_workspace() -> None:
    """Where alerts and saved queries look."""
    insights = resource("monitoring.bicep", "insights")["properties"]
    assert dotted(insights["WorkspaceResourceId"]) == "workspace.id"


def test_the_log_is_kept_as_long_as_is_asked() -> None:
    """90 days by default; the bounds are the workspace's."""
    assert resource("monitoring.bicep", "workspace")["properties"]["retentionInDays"] == "retentionDays"
    rules = parameter("logRetentionDays")
    assert (rules["default"], rules["min_value"], rules["max_value"]) == (90, 30, 730)
