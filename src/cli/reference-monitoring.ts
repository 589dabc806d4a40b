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

export function alertFiles(): Readonly<Record<string, string>> {
  return { 'log-capturer.rules.yml': alertRules() }
}

/** The rules as a file for Prometheus. `runbooks`: the address of a page with a section for each; not given: it is not known where one can be read. */
export function alertRules(runbooks?: string): string {
  const rules = { groups: [{ name: 'log-capturer', rules: alerts.map((alert) => ruleOf(alert, runbooks)) }] }
  const head = notice.replace('<!--', '#').replace(' -->', '')
  return `${head}\n${stringify(rules, { lineWidth: 140 })}`.trimEnd()
}

function ruleOf(alert: Alert, runbooks: string | undefined): object {
  return {
    alert: alert.name,
    expr: alert.query.render(),
    for: alert.for,
    labels: { severity: alert.severity },
    annotations: {
      summary: alert.summary,
      description: alert.description,
      ...(runbooks === undefined ? {} : { runbook_url: `${runbooks}#${alert.name.toLowerCase()}` }),
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
    'The rules are in [alerts/log-capturer.rules.yml](alerts/log-capturer.rules.yml): name the file in `rule_files` of Prometheus. `log-capturer alerts --runbooks URL` prints them with links to this page, where you have it at an address of your own. Dashboards for Grafana are in [dashboards](dashboards): import the JSON. The tests give each rule series at which it fires, and at which it does not, and ask a real Prometheus every question of the dashboards.',
    'What each alert says, and what to do:',
    ...sections,
  )
}
