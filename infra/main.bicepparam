using 'main.bicep'

// Read from the environment: azd takes a value from `azd env set NAME value`. Set any other parameter here, too; one that
// is not set has the default of main.bicep.
var keySetter = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '') // azd sets it to whoever deploys
var headsetApp = readEnvironmentVariable('SIGN_IN_APP_CLIENT_ID', '')

param arrAccountId = readEnvironmentVariable('ARR_ACCOUNT_ID')
param arrAccountDomain = readEnvironmentVariable('ARR_ACCOUNT_DOMAIN') // no default: a new shell would fall back to it
param arrCredential = readEnvironmentVariable('ARR_CREDENTIAL', 'account-key')
param signIn = bool(readEnvironmentVariable('SIGN_IN', 'true'))
param signInClientId = readEnvironmentVariable('SIGN_IN_CLIENT_ID', '')
param signInClientApplications = empty(headsetApp) ? [] : [headsetApp]
param keySetterPrincipalIds = empty(keySetter) ? [] : [keySetter]
param subnetId = readEnvironmentVariable('SUBNET_ID', '')
param vaultPublicNetworkAccess = readEnvironmentVariable('VAULT_PUBLIC_NETWORK_ACCESS', 'enabled')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
