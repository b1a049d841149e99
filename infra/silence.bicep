metadata description = 'Alerts for a function that logs nothing: a host that does not start, and a platform that refuses callers, write no log line.'

param location string
param name string
param appName string
param insightsId string
param actionGroupId string
param availabilityTest bool

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

// /up has no route: a running host responds 404 there without a key, and a host that does not start 503 (/admin would
// respond 200 in both cases). sign-in.bicep excludes the path; the test has no user, so it can't request a token.
resource up 'Microsoft.Insights/webtests@2022-06-15' = if (availabilityTest) {
  name: 'up-${name}'
  location: location
  kind: 'standard'
  tags: { 'hidden-link:${insightsId}': 'Resource' }
  properties: {
    SyntheticMonitorId: 'up-${name}'
    Name: 'up-${name}'
    Enabled: true
    Kind: 'standard'
    Frequency: 300 // seconds
    Timeout: 60 // seconds: a cold start is no outage
    RetryEnabled: true
    Locations: [{ Id: 'emea-nl-ams-azr' }, { Id: 'emea-gb-db3-azr' }, { Id: 'us-va-ash-azr' }]
    Request: {
      RequestUrl: 'https://${app.properties.defaultHostName}/up'
      HttpVerb: 'GET'
      FollowRedirects: false
      ParseDependentRequests: false
    }
    ValidationRules: { ExpectedHttpStatusCode: 404, SSLCheck: true, SSLCertRemainingLifetimeCheck: 7 }
  }
}

resource notUp 'Microsoft.Insights/metricAlerts@2018-03-01' = if (availabilityTest) {
  name: 'alert-not-up-${name}'
  location: 'global'
  properties: {
    description: 'The host does not respond: it does not start, it is stopped, or App Service has an outage. docs/operations.md, the platform\'s own answers.'
    severity: 1
    enabled: true
    scopes: [up.id, insightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: up.id
      componentId: insightsId
      failedLocationCount: 2 // a single location may have an outage itself
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

resource platformErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-platform-errors-${name}'
  location: 'global'
  properties: {
    description: 'App Service counted more than five 5xx in 15 minutes, its own included. If the log has no line, the host does not start.'
    severity: 1
    enabled: true
    scopes: [app.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'errors'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http5xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 5
          skipMetricValidation: true // a new app has no metric yet
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

// With a wrong audience, client application or function key, App Service refuses callers before the function can log it.
resource callersRefused 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-callers-refused-${name}'
  location: 'global'
  properties: {
    description: 'For 20 minutes, far more callers than usual were refused (4xx). Test with infra/probe.sh and a user\'s token.'
    severity: 2
    enabled: true
    scopes: [app.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'refused'
          criterionType: 'DynamicThresholdCriterion' // it learns the usual number for three days, scanners included
          metricNamespace: 'Microsoft.Web/sites'
          metricName: 'Http4xx'
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          alertSensitivity: 'Low'
          failingPeriods: { numberOfEvaluationPeriods: 4, minFailingPeriodsToAlert: 4 }
          skipMetricValidation: true
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

resource health 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'alert-resource-health-${name}'
  location: 'global'
  properties: {
    description: 'Azure itself reports a resource of this group as unavailable or degraded.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
          ]
        }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: actionGroupId }] }
  }
}
