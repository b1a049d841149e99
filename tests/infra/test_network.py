"""infra/network.bicep: a vault without a public address, and an app that can still call the STS."""

from tests.infra.deployments import DEPLOYMENTS, GROUP, NETWORK, Deployment

MADE = Deployment(NETWORK)
SUBNETS = {one["name"]: one["properties"] for one in MADE.one("Network/virtualNetworks")["properties"]["subnets"]}


def test_the_app_can_still_call_the_sts() -> None:
    """The app calls the STS through a gateway with its own address, from a subnet for Flex Consumption."""
    (delegation,) = SUBNETS["app"]["delegations"]
    assert delegation["properties"]["serviceName"] == "Microsoft.App/environments"
    nat = MADE.one("Network/natGateways")
    assert SUBNETS["app"]["natGateway"]["id"] == nat["id"]
    assert [one["id"] for one in nat["properties"]["publicIpAddresses"]] == [
        MADE.one("Network/publicIPAddresses")["id"]
    ]


def test_the_vaults_public_name_leads_to_its_private_address() -> None:
    """The app resolves the vault's name to the private address."""
    endpoint, zone = MADE.one("Network/privateEndpoints"), MADE.one("Network/privateDnsZones")
    (connection,) = endpoint["properties"]["privateLinkServiceConnections"]
    assert connection["properties"]["privateLinkServiceId"] == "Microsoft.KeyVault/vaults/kv-arr"
    assert connection["properties"]["groupIds"] == ["vault"]
    assert zone["name"] == "privatelink.vaultcore.azure.net"
    group = MADE.one("Network/privateEndpoints/privateDnsZoneGroups")["properties"]["privateDnsZoneConfigs"]
    assert [one["properties"]["privateDnsZoneId"] for one in group] == [zone["id"]]
    link = MADE.one("Network/privateDnsZones/virtualNetworkLinks")["properties"]
    assert link["virtualNetwork"]["id"] == MADE.one("Network/virtualNetworks")["id"]


def test_its_subnet_is_what_the_deployment_takes() -> None:
    """The printed subnet id can be used as SUBNET_ID."""
    joined = DEPLOYMENTS["closed-network"].one("Web/sites")["properties"]["virtualNetworkSubnetId"]
    assert MADE.outputs["subnetId"] == joined
    assert not joined.startswith(GROUP)
