metadata description = 'Alerts on the log, and the action group that all alerts use.'

param location string
param name string
param email string
param workspaceId string

var rules = [
  {
    name: 'alert-server-errors'
    description: 'More than 5 % of the responses in 15 minutes were 5xx. Their codes: query answers-by-code.'
    severity: 1
    query: loadTextContent('alerts/server-errors.kql')
    measure: { timeAggregation: 'Maximum', metricMeasureColumn: 'share_percent', threshold: 5 }
  }
  {
    name: 'alert-account-key-rejected'
    description: 'The STS refused every configured account key. Cached tokens last for a day at most: set a valid key.'
    severity: 1
    query: loadTextContent('alerts/account-key-rejected.kql')
    measure: { timeAggregation: 'Count', threshold: 0 }
  }
  {
    name: 'alert-key-skipped'
    description: 'An account key was skipped because the STS or Key Vault refused it. Correct it while another key is valid: query skipped-keys.'
    severity: 2
    query: loadTextContent('alerts/key-skipped.kql')
    measure: { timeAggregation: 'Count', threshold: 0 }
  }
  {
    name: 'alert-short-lived-tokens'
    description: 'Callers get tokens with less than two hours left: no new one could be fetched for most of a day.'
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
      windowSize: 'PT15M' // three intervals, so that a line that arrives late is still included
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
      skipQueryValidation: true // a new workspace may not have the tables yet
      actions: { actionGroups: [told.id] }
    }
  }
]

output actionGroupId string = told.id
