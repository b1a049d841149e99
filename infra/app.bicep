metadata description = 'The function app on Flex Consumption. It uses its user-assigned identity for every call.'

type userAssignedIdentity = {
  id: string
  clientId: string
  principalId: string
}

param location string
param name string
param identity userAssignedIdentity
param insightsConnectionString string
@description('The function\'s own settings: name to value.')
param settings object
param instanceMemoryMB int
param maximumInstanceCount int
param httpConcurrency int
param alwaysReadyInstances int
param subnetId string
param signIn bool

var token = uniqueString(resourceGroup().id, name)
var storageName = 'st${token}'
var hostSettings = {
  AZURE_CLIENT_ID: identity.clientId
  AzureWebJobsDisableHomepage: 'true'
  AzureWebJobsStorage__accountName: storageName
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__clientId: identity.clientId
  APPLICATIONINSIGHTS_CONNECTION_STRING: insightsConnectionString
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.clientId};Authorization=AAD'
}

module storage 'storage.bicep' = {
  name: 'storage'
  params: { location: location, name: storageName, appPrincipalId: identity.principalId }
}

resource plan 'Microsoft.Web/serverfarms@2024-04-01' = {
  name: 'plan-${name}'
  location: location
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2024-04-01' = {
  name: 'func-${name}-${token}'
  location: location
  kind: 'functionapp,linux'
  tags: { 'azd-service-name': 'token' } // azd finds the app of azure.yaml by this tag
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: (alwaysReadyInstances > 0) ? [{ name: 'http', instanceCount: alwaysReadyInstances }] : []
        triggers: { http: { perInstanceConcurrency: httpConcurrency } }
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: storage.outputs.deploymentContainerUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: identity.id }
        }
      }
    }
    siteConfig: {
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
      http20Enabled: true
      ftpsState: 'Disabled'
      appSettings: [for setting in items(union(hostSettings, settings)): { name: setting.key, value: setting.value }]
    }
  }
}

// Publishing needs an Entra token; there is no password that could leak.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'ftp'
  properties: { allow: false }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2024-04-01' = {
  parent: app
  name: 'scm'
  properties: { allow: false }
}

// Set explicitly: otherwise an app that had sign-in would keep it, without the role that belongs to it.
resource noSignIn 'Microsoft.Web/sites/config@2024-04-01' = if (!signIn) {
  parent: app
  name: 'authsettingsV2'
  properties: { platform: { enabled: false } }
}

output name string = app.name
output url string = 'https://${app.properties.defaultHostName}/api/GetArrToken'
