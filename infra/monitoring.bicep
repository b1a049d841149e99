metadata description = 'Logs and saved queries. Telemetry is accepted with an Entra token only, never with a key.'

param location string
param name string
param retentionDays int
param appPrincipalId string

var metricsPublisher = '3913510d-42f4-4e42-8a64-420c390055eb'
var queries = [
  {
    name: 'answers-by-code'
    title: 'Which codes the requests got'
    text: loadTextContent('queries/answers-by-code.kql')
  }
  {
    name: 'failed-exchanges'
    title: 'Why no new token could be fetched'
    text: loadTextContent('queries/failed-exchanges.kql')
  }
  {
    name: 'skipped-keys'
    title: 'Which account keys were skipped, and why'
    text: loadTextContent('queries/skipped-keys.kql')
  }
  { name: 'request-by-id', title: 'What happened in a request', text: loadTextContent('queries/request-by-id.kql') }
  {
    name: 'requests-by-ms-cv'
    title: 'Who got the token of an MS-CV, and who called with it'
    text: loadTextContent('queries/requests-by-ms-cv.kql')
  }
  {
    name: 'tokens-given'
    title: 'Who got a token, when, with which MS-CV'
    text: loadTextContent('queries/tokens-given.kql')
  }
]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-${name}'
  location: location
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: retentionDays
    features: { disableLocalAuth: true }
  }

  resource saved 'savedSearches' = [
    for query in queries: {
      name: query.name
      etag: '*' // overwrite the query of an earlier deployment
      properties: {
        category: 'GetArrToken'
        displayName: query.title
        query: query.text
        version: 2
      }
    }
  ]
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${name}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    DisableLocalAuth: true
  }
}

resource appPublishes 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, appPrincipalId, metricsPublisher)
  properties: {
    principalId: appPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', metricsPublisher)
  }
}

output insightsConnectionString string = insights.properties.ConnectionString
output insightsId string = insights.id
output workspaceId string = workspace.id
output workspaceName string = workspace.name
