"""infra/storage.bicep: what the Functions host keeps, and the published package."""

from tests.infra.template import resource, variable

HOST_SETTINGS = variable("app.bicep", "hostSettings")


def test_the_host_finds_its_storage() -> None:
    """The account and the container that are made are those that are named; there is no connection string."""
    assert HOST_SETTINGS["AzureWebJobsStorage__accountName"] == "storageName"
    assert resource("storage.bicep", "account")["name"] == "name"
    assert resource("storage.bicep", "account__blobs__deployments")["name"] == "container"
    assert "AzureWebJobsStorage" not in HOST_SETTINGS


def test_storage_takes_no_key_and_no_stranger() -> None:
    """Entra tokens over TLS 1.2 only; no blob is public."""
    properties = resource("storage.bicep", "account")["properties"]
    assert properties["allowSharedKeyAccess"] is False
    assert properties["allowBlobPublicAccess"] is False
    assert properties["minimumTlsVersion"] == "TLS1_2"
    assert properties["supportsHttpsTrafficOnly"] is True
