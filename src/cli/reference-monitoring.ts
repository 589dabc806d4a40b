import { stringify } from 'yaml'
import { type Alert, alerts } from '../telemetry/monitoring/alerts.ts'
import { dashboards } from '../telemetry/monitoring/dashboards/all.ts'
import { grafanaDashboard } from '../telemetry/monitoring/dashboards/grafana.ts'
import { fence, notice, page } from './markdown.ts'

/** `log-capturer-overview.json` and its like, for Grafana. */
export function dashboardFiles(): Readonly<Record<string, string>> {
  return Object.fromEntries(
    dashboards.map((dashboard) => [`${dashboard.uid}.json`, JSON.stringify(grafanaDashboard(dashboard), null, 2)]),
  )
}

/** The rules as a file for Prometheus. */
export function alertFiles(): Readonly<Record<string, string>> {
  const rules = { groups: [{ name: 'log-capturer', rules: alerts.map(ruleOf) }] }
  const head = notice.replace('<!--', '#').replace(' -->', '')
  return { 'log-capturer.rules.yml': `${head}\n${stringify(rules, { lineWidth: 140 })}` }
}

function ruleOf(alert: Alert): object {
  return {
    alert: alert.name,
    expr: alert.query.render(),
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      runbook_url: `docs/alerts.md#${alert.name.toLowerCase()}`,
    },
  }
}

/** What to do when one of them fires. */
export function alertsPage(): string {
  const sections = alerts.map((alert) =>
    [
      `## ${alert.name}`,
      `${alert.description} Severity: ${alert.severity}${alert.for === '0m' ? '' : `, after ${alert.for}`}.`,
      fence('promql', alert.query.render()),
      alert.whatToDo,
    ].join('\n\n'),
  )
  return page(
    '# Alerts',
    'The rules are in [alerts/log-capturer.rules.yml](alerts/log-capturer.rules.yml): name the file in `rule_files` of Prometheus. Dashboards for Grafana are in [dashboards](dashboards): import the JSON. The tests give each rule series at which it fires, and at which it does not, and ask a real Prometheus every question of the dashboards.',
    'What each alert says, and what to do:',
    ...sections,
  )
}
