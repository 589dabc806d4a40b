import { Command, InvalidArgumentError, Option } from 'commander'
import { printLine } from './print.ts'
import { alertRules } from './reference-monitoring.ts'

interface Flags {
  readonly runbooks?: string
}

const notes = `
Example:
  log-capturer alerts --runbooks https://wiki.example/log-capturer/alerts > log-capturer.rules.yml`

export function alertsVerb(): Command {
  return new Command('alerts')
    .description('print the alert rules for Prometheus')
    .addOption(
      new Option(
        '--runbooks <url>',
        'where docs/alerts.md can be read: each rule gets a runbook_url that leads to its section',
      ).argParser(pageUrl),
    )
    .addHelpText('after', notes)
    .action(({ runbooks }: Flags) => printLine(alertRules(runbooks)))
}

function pageUrl(text: string): string {
  if (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)) return text.replace(/#.*$/, '')
  throw new InvalidArgumentError('write for example https://wiki.example/log-capturer/alerts')
}
