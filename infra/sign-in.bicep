metadata description = 'App Service Authentication with Entra: a caller without a valid Entra token gets a 401 before the function runs.'

param appName string
@description('Client id of the function\'s app registration.')
@minLength(36)
@maxLength(36)
param clientId string
@minLength(1)
param audiences string[]
@minLength(1)
param clientApplications string[]

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

resource authentication 'Microsoft.Web/sites/config@2024-04-01' = {
  parent: app
  name: 'authsettingsV2'
  properties: {
    platform: { enabled: true }
    globalValidation: {
      requireAuthentication: true
      unauthenticatedClientAction: 'Return401'
      // Core Tools calls the first two at the end of a publish, with the host's master key and without an Entra token:
      // https://github.com/Azure/azure-functions-core-tools/issues/4196. The third has no content: silence.bicep.
      excludedPaths: ['/admin/host/status', '/admin/host/synctriggers', '/up']
    }
    httpSettings: { requireHttps: true }
    identityProviders: {
      azureActiveDirectory: {
        enabled: true
        registration: {
          clientId: clientId
          openIdIssuer: '${environment().authentication.loginEndpoint}${tenant().tenantId}/v2.0'
        }
        validation: {
          allowedAudiences: audiences
          defaultAuthorizationPolicy: { allowedApplications: clientApplications }
        }
      }
    }
    login: { tokenStore: { enabled: false } }
  }
}
