using 'main.bicep'

// Read from the environment: `azd env set NAME value` sets a value. Set any other parameter here, too; a parameter that
// is not set has the default of main.bicep.
var keySetter = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '') // azd sets it to the deploying user
var headsetApp = readEnvironmentVariable('SIGN_IN_APP_CLIENT_ID', '')

param arrAccountId = readEnvironmentVariable('ARR_ACCOUNT_ID')
param arrAccountDomain = readEnvironmentVariable('ARR_ACCOUNT_DOMAIN') // no default, because a new shell would use it
param arrCredential = readEnvironmentVariable('ARR_CREDENTIAL', 'account-key')
param signIn = bool(readEnvironmentVariable('SIGN_IN', 'true'))
param signInClientId = readEnvironmentVariable('SIGN_IN_CLIENT_ID', '')
param signInClientApplications = empty(headsetApp) ? [] : [headsetApp]
param keySetterPrincipalIds = empty(keySetter) ? [] : [keySetter]
param subnetId = readEnvironmentVariable('SUBNET_ID', '')
param vaultPublicNetworkAccess = readEnvironmentVariable('VAULT_PUBLIC_NETWORK_ACCESS', 'enabled')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
