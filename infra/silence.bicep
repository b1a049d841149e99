metadata description = 'Alerts for when the function says nothing: a host that does not start and a platform that refuses leave no log line.'

param location string
param name string
param appName string
param insightsId string
param actionGroupId string
param availabilityTest bool

resource app 'Microsoft.Web/sites@2024-04-01' existing = {
  name: appName
}

// No route leads to /up: a host that runs answers 404 there without a key, and one that does not start 503 (/admin would
// answer 200 all the same). sign-in.bicep lets the path through; a token can't be asked for, as a test is no user.
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
    description: 'The host does not answer: it does not start, it is stopped, or App Service is in trouble. docs/operations.md, the platform\'s own answers.'
    severity: 1
    enabled: true
    scopes: [up.id, insightsId]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.WebtestLocationAvailabilityCriteria'
      webTestId: up.id
      componentId: insightsId
      failedLocationCount: 2 // one location alone may be in trouble itself
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

resource platformErrors 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-platform-errors-${name}'
  location: 'global'
  properties: {
    description: 'App Service counted more than five 5xx in 15 minutes, its own included. Is the log silent? Then the host does not start.'
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
          skipMetricValidation: true // a new app has not counted anything yet
        }
      ]
    }
    actions: [{ actionGroupId: actionGroupId }]
  }
}

// A wrong audience, client application or function key: App Service refuses everyone before the function could log it.
resource callersRefused 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: 'alert-callers-refused-${name}'
  location: 'global'
  properties: {
    description: 'For 20 minutes, far more callers than usual were refused (4xx). Is it everyone? infra/probe.sh with a user\'s token.'
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
          criterionType: 'DynamicThresholdCriterion' // it learns for three days what is usual, scanners included
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
