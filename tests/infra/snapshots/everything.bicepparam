using '../../../infra/main.bicep'

// Every parameter has another value than its default, and names are as long as they may be.
param location = 'northeurope'
param name = 'arr-token-test-20-xx'
param arrAccountId = '35d830cb-f062-4062-9792-d6316039df56'
param arrAccountDomain = 'eastus.mixedreality.azure.com'
param arrStsUrl = 'https://sts.example.com'
param arrAccountKeySecrets = 'arr-account-key,arr-account-key-secondary'
param arrCredential = 'account-key'
param arrRequiredRole = 'Headset'
param arrRefreshAfterSeconds = 7200
param arrMinValiditySeconds = 1800
param arrMaxWaitSeconds = 20
param signIn = true
param signInClientId = '11111111-1111-4111-8111-111111111111'
param signInAudiences = ['api://getarrtoken.example.com']
param signInClientApplications = ['22222222-2222-4222-8222-222222222222', '33333333-3333-4333-8333-333333333333']
param instanceMemoryMB = 4096
param maximumInstanceCount = 100
param httpConcurrency = 50
param alwaysReadyInstances = 2
param subnetId = '/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/rg-arr-token/providers/Microsoft.Network/virtualNetworks/vnet-arr-token/subnets/app'
param vaultName = 'kv-arr-token-24-chars-xx'
param vaultPublicNetworkAccess = 'disabled'
param keySetterPrincipalIds = ['44444444-4444-4444-8444-444444444444', '55555555-5555-4555-8555-555555555555']
param alertEmail = 'operators@example.com'
param availabilityTest = false
param logRetentionDays = 365
