import { z } from 'zod'
import { queueOptions } from '../component/queue-options.ts'
import { optionTable } from '../config/describe.ts'
import { settings } from '../config/settings.ts'
import { type MetricSpec, metricSpecs } from '../telemetry/metrics.ts'
import { code, page, table } from './markdown.ts'
import { optionsText } from './reference-components.ts'

export function configurationPage(): Readonly<Record<string, string>> {
  const text = page(
    '# Configuration',
    'YAML. Sources, transforms and sinks have ids of your choice and are joined by `inputs`; each takes the options of its type. Beside them:',
    optionsText(optionTable({ options: settings })),
    'Every sink takes these, too:',
    optionsText(optionTable({ options: z.object({ queue: queueOptions }) })),
    '`${NAME}` stands for an environment variable, `${NAME:-text}` for `text` where it is empty or not set, `${file:PATH}` for what is in a file, `$$` for a dollar sign.',
    '`log-capturer schema` prints the JSON Schema of the whole for your editor, `log-capturer validate` checks a configuration.',
  )
  return { 'configuration.md': text }
}

export function metricsPage(): Readonly<Record<string, string>> {
  const rows = Object.values<MetricSpec>(metricSpecs).map(({ name, type, labels, help }) => [
    code(name),
    type,
    labels.map(code).join(', '),
    help,
  ])
  return { 'metrics.md': page('# Metrics', 'At `/metrics`.', table(['Name', 'Type', 'Labels', 'Meaning'], rows)) }
}

/** A list of the other pages, by their titles. */
export function indexPage(pages: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const lines = Object.entries(pages).map(([name, text]) => `- [${/^# (.*)$/m.exec(text)![1]!}](${name})`)
  return { 'README.md': page('# Reference', lines.join('\n')) }
}
