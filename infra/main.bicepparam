using 'main.bicep'

// Read from the environment: azd takes it from `azd env set NAME value`, az from the shell. All else is set here, too;
// what isn't has the default of main.bicep.
var whoDeploys = readEnvironmentVariable('AZURE_PRINCIPAL_ID', '') // azd sets it
var headsetApp = readEnvironmentVariable('SIGN_IN_APP_CLIENT_ID', '')

param arrAccountId = readEnvironmentVariable('ARR_ACCOUNT_ID')
param arrAccountDomain = readEnvironmentVariable('ARR_ACCOUNT_DOMAIN') // no default: a new shell would fall back to it
param arrCredential = readEnvironmentVariable('ARR_CREDENTIAL', 'account-key')
param signIn = bool(readEnvironmentVariable('SIGN_IN', 'true'))
param signInClientId = readEnvironmentVariable('SIGN_IN_CLIENT_ID', '')
param signInClientApplications = empty(headsetApp) ? [] : [headsetApp]
param keySetterPrincipalIds = empty(whoDeploys) ? [] : [whoDeploys]
param subnetId = readEnvironmentVariable('SUBNET_ID', '')
param vaultPublicNetworkAccess = readEnvironmentVariable('VAULT_PUBLIC_NETWORK_ACCESS', 'enabled')
param alertEmail = readEnvironmentVariable('ALERT_EMAIL')
