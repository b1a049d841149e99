metadata description = 'For a vault without a public address: a network with a NAT gateway for the app, and the vault\'s private endpoint. Deployed on its own, before main.bicep gets subnetId.'

param location string = resourceGroup().location
param name string = 'arr-token'
@description('The vault that main.bicep created.')
param vaultName string
param addressPrefix string = '10.0.0.0/16'

var appPrefix = cidrSubnet(addressPrefix, 27, 0) // the smallest subnet that Flex Consumption accepts
var endpointsPrefix = cidrSubnet(addressPrefix, 27, 1)
var zoneName = 'privatelink.vaultcore.azure.net'

resource vault 'Microsoft.KeyVault/vaults@2026-02-01' existing = {
  name: vaultName
}

// The STS has no private endpoint: the app reaches it through this address.
resource wayOut 'Microsoft.Network/publicIPAddresses@2024-05-01' = {
  name: 'ip-${name}'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIPAllocationMethod: 'Static' }
}

resource nat 'Microsoft.Network/natGateways@2024-05-01' = {
  name: 'nat-${name}'
  location: location
  sku: { name: 'Standard' }
  properties: { publicIpAddresses: [{ id: wayOut.id }] }
}

resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: 'vnet-${name}'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [addressPrefix] }
    subnets: [
      {
        name: 'app' // Flex Consumption refuses an underscore
        properties: {
          addressPrefix: appPrefix
          natGateway: { id: nat.id }
          delegations: [
            { name: 'flex-consumption', properties: { serviceName: 'Microsoft.App/environments' } }
          ]
        }
      }
      { name: 'endpoints', properties: { addressPrefix: endpointsPrefix } }
    ]
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: 'pe-${vaultName}'
  location: location
  properties: {
    subnet: { id: '${network.id}/subnets/endpoints' }
    privateLinkServiceConnections: [
      { name: 'vault', properties: { privateLinkServiceId: vault.id, groupIds: ['vault'] } }
    ]
  }

  resource names 'privateDnsZoneGroups' = {
    name: 'vault'
    properties: { privateDnsZoneConfigs: [{ name: 'vault', properties: { privateDnsZoneId: zone.id } }] }
  }
}

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: zoneName
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: network.name
    location: 'global'
    properties: { virtualNetwork: { id: network.id }, registrationEnabled: false }
  }
}

output subnetId string = '${network.id}/subnets/app'
