metadata description = 'GetArrToken in one resource group: function app, identity, vault, logs and alerts.'

param location string = resourceGroup().location
@description('Part of each resource\'s name: letters, digits and hyphens, with a letter or digit at both ends')
@minLength(2)
@maxLength(20)
param name string = 'arr-token'

// The function's settings: docs/contract.md section 8. KEY_VAULT_URL and AZURE_CLIENT_ID are derived from the resources.
@description('GUID of the Azure Remote Rendering account, from the portal\'s Overview.')
@minLength(36)
@maxLength(36)
param arrAccountId string
@description('As the portal\'s Overview shows it.')
param arrAccountDomain string = 'mixedreality.azure.com'
@description('Only for a pre-production STS: its https origin.')
param arrStsUrl string = ''
@description('1 to 4 names of secrets in the vault, comma-separated, tried in order.')
#disable-next-line secure-secrets-in-params // names, not values: the app's settings contain them
param arrAccountKeySecrets string = 'arr-account-key'
@description('managed-identity: no key and no vault; the app\'s own Entra token goes to the STS.')
@allowed(['account-key', 'managed-identity'])
param arrCredential string = 'account-key'
@description('App role that a signed-in caller must have. With sign-in off, a role makes every call answer misconfigured.')
param arrRequiredRole string = signIn ? 'ArrUser' : ''
@description('Age in seconds from which a cached token is renewed. Times 1.1, plus arrMinValiditySeconds: at most 86400.')
@minValue(1)
@maxValue(82800)
param arrRefreshAfterSeconds int = 3600
@description('A cached token with no more seconds left than this is not returned.')
@minValue(0)
@maxValue(82800)
param arrMinValiditySeconds int = 900
@description('Longest time in seconds that a caller waits.')
@minValue(1)
@maxValue(60)
param arrMaxWaitSeconds int = 10

// Callers.
@description('App Service Authentication. If it is off, a function key is enough, and anyone can extract a key from an app.')
param signIn bool = true
@description('Client id of the function\'s app registration; needed while sign-in is on.')
param signInClientId string = ''
@description('Audiences (aud) that a caller\'s token may be for.')
param signInAudiences string[] = [signInClientId, 'api://${signInClientId}']
@description('Client ids of the apps that may call: at least one while sign-in is on.')
param signInClientApplications string[] = []

// Scale and network.
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048
@description('Each worker process caches its own token. Flex Consumption accepts 40 to 1000.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40
@description('Simultaneous requests in one instance. Azure\'s default for Python is 1: an instance, and an STS call, per waiting request.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 100
@description('Instances kept running, and paid for. With 0, the first call after a pause waits for a cold start.')
@minValue(0)
@maxValue(20)
param alwaysReadyInstances int = 0
@description('Id of a subnet, delegated to Microsoft.App/environments, that the app calls out through. Empty: none.')
param subnetId string = ''

// Keys, logs, alerts.
@description('Unique in all of Azure; a deleted vault keeps its name for 90 days.')
@maxLength(24)
param vaultName string = 'kv-${uniqueString(resourceGroup().id, name)}'
@description('disabled: only private endpoints lead to the vault, also for the people who set the keys.')
@allowed(['enabled', 'disabled'])
param vaultPublicNetworkAccess string = 'enabled'
@description('Object ids of the users and groups that may set the account keys: being an owner is not enough.')
param keySetterPrincipalIds string[] = []
@minLength(3)
param alertEmail string
@description('Test every five minutes, from three locations, whether the host runs.')
param availabilityTest bool = true
@description('Retention of logs, with the audit lines, in days.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 90

// The workspace refuses other names after a part of the deployment; Bicep has no pattern for parameters.
var nameCharacters = map(range(0, length(name)), i => toLower(substring(name, i, 1)))
var nameIsValid = empty(filter(nameCharacters, c => !contains('abcdefghijklmnopqrstuvwxyz0123456789-', c))) && first(nameCharacters) != '-' && last(nameCharacters) != '-'
var checkedName = nameIsValid
  ? name
  : fail('the parameter name may contain letters, digits and hyphens, with a letter or digit at both ends')

var usesKeys = (arrCredential == 'account-key')
var settings = {
  ARR_ACCOUNT_ID: arrAccountId
  ARR_ACCOUNT_DOMAIN: arrAccountDomain
  ARR_STS_URL: arrStsUrl
  ARR_ACCOUNT_KEY_SECRETS: arrAccountKeySecrets
  ARR_CREDENTIAL: arrCredential
  ARR_REQUIRED_ROLE: arrRequiredRole
  ARR_REFRESH_AFTER_SECONDS: string(arrRefreshAfterSeconds)
  ARR_MIN_VALIDITY_SECONDS: string(arrMinValiditySeconds)
  ARR_MAX_WAIT_SECONDS: string(arrMaxWaitSeconds)
}

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-${checkedName}'
  location: location
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    location: location
    name: checkedName
    retentionDays: logRetentionDays
    appPrincipalId: identity.properties.principalId
  }
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: { location: location, name: checkedName, email: alertEmail, workspaceId: monitoring.outputs.workspaceId }
}

module vault 'vault.bicep' = if (usesKeys) {
  name: 'vault'
  params: {
    location: location
    name: vaultName
    appPrincipalId: identity.properties.principalId
    keySetterPrincipalIds: keySetterPrincipalIds
    publicNetworkAccess: vaultPublicNetworkAccess
    workspaceId: monitoring.outputs.workspaceId
    actionGroupId: alerts.outputs.actionGroupId
  }
}

module app 'app.bicep' = {
  name: 'app'
  params: {
    location: location
    name: checkedName
    identity: { id: identity.id, clientId: identity.properties.clientId, principalId: identity.properties.principalId }
    insightsConnectionString: monitoring.outputs.insightsConnectionString
    settings: union(settings, usesKeys ? { KEY_VAULT_URL: vault!.outputs.uri } : {})
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyInstances: alwaysReadyInstances
    subnetId: subnetId
    signIn: signIn
  }
}

module silence 'silence.bicep' = {
  name: 'silence'
  params: {
    location: location
    name: checkedName
    appName: app.outputs.name
    insightsId: monitoring.outputs.insightsId
    actionGroupId: alerts.outputs.actionGroupId
    availabilityTest: availabilityTest
  }
}

module signInConfig 'sign-in.bicep' = if (signIn) {
  name: 'sign-in'
  params: {
    appName: app.outputs.name
    clientId: signInClientId
    audiences: signInAudiences
    clientApplications: signInClientApplications
  }
}

output AZURE_RESOURCE_GROUP string = resourceGroup().name
output AZURE_FUNCTION_APP_NAME string = app.outputs.name
output AZURE_KEY_VAULT_NAME string = usesKeys ? vault!.outputs.name : ''
output AZURE_IDENTITY_PRINCIPAL_ID string = identity.properties.principalId
output AZURE_LOG_ANALYTICS_WORKSPACE_NAME string = monitoring.outputs.workspaceName
output GET_ARR_TOKEN_URL string = app.outputs.url
