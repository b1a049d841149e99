metadata description = 'Alerts on the log, and the action group that all alerts use.'

param location string
param name string
param email string
param workspaceId string

var rules = [
  {
    name: 'alert-server-errors'
    description: 'More than 5 % of the answers in 15 minutes were 5xx. Their codes: query answers-by-code.'
    severity: 1
    query: loadTextContent('alerts/server-errors.kql')
    measure: { timeAggregation: 'Maximum', metricMeasureColumn: 'share_percent', threshold: 5 }
  }
  {
    name: 'alert-account-key-rejected'
    description: 'The STS refused every configured account key. Cached tokens serve for a day at most: set a valid key.'
    severity: 1
    query: loadTextContent('alerts/account-key-rejected.kql')
    measure: { timeAggregation: 'Count', threshold: 0 }
  }
  {
    name: 'alert-key-skipped'
    description: 'An account key was skipped because the STS or Key Vault refused it. Repair it before the last good key is gone: query skipped-keys.'
    severity: 2
    query: loadTextContent('alerts/key-skipped.kql')
    measure: { timeAggregation: 'Count', threshold: 0 }
  }
  {
    name: 'alert-short-lived-tokens'
    description: 'Tokens with less than two hours left are given out: no new one could be fetched for most of a day.'
    severity: 1
    query: loadTextContent('alerts/short-lived-tokens.kql')
    measure: { timeAggregation: 'Count', threshold: 0 }
  }
]

resource told 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: 'ag-${name}'
  location: 'global'
  properties: {
    enabled: true
    groupShortName: 'GetArrToken' // at most 12 characters
    emailReceivers: [{ name: 'operators', emailAddress: email, useCommonAlertSchema: true }]
  }
}

resource alerts 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for rule in rules: {
    name: '${rule.name}-${name}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: rule.name
      description: rule.description
      severity: rule.severity
      enabled: true
      scopes: [workspaceId]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M' // three times as long, so that a line that comes in late is still seen
      criteria: {
        allOf: [
          union(rule.measure, {
            query: rule.query
            operator: 'GreaterThan'
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          })
        ]
      }
      autoMitigate: true
      skipQueryValidation: true // a workspace without a line yet may not know its tables
      actions: { actionGroups: [told.id] }
    }
  }
]

output actionGroupId string = told.id
