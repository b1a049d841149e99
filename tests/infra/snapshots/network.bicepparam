using '../../../infra/network.bicep'

param vaultName = 'kv-arr'
