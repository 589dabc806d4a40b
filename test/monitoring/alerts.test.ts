import { spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { stringify } from 'yaml'
import { alertRules } from '../../src/cli/reference-monitoring.ts'
import { alerts } from '../../src/telemetry/monitoring/alerts.ts'
import { labelsOf, metric, type MetricKey } from '../../src/telemetry/monitoring/promql.ts'

const rulesFile = new URL('../../docs/alerts/log-capturer.rules.yml', import.meta.url).pathname
const alertsPage = new URL('../../docs/alerts.md', import.meta.url)

/** Values a minute apart, as promtool writes them: `0+60x30` is 0, 60, 120 and so on. */
type Series = readonly [key: MetricKey, labels: Readonly<Record<string, string>>, values: string]

interface Case {
  readonly alert: string
  readonly at: string
  /** The labels that the alert has then, but for severity. */
  readonly fires: readonly { readonly labels: Readonly<Record<string, string>>; readonly series: readonly Series[] }[]
  /** Near misses. */
  readonly quiet: readonly (readonly Series[])[]
}

const where = { job: 'log-capturer', instance: 'host:8401' }
const ofSink = { ...where, sink: 'loki' }
const ofSource = { ...where, source: 'engine' }
const following = { ...ofSource, state: 'following' }

/** Flat, and from the minute on another value. */
const rise = (minutes: number, to: number) => `0x${minutes} ${to}x60`

const lines = (values: string, isUp = 1, followed = 3): readonly Series[] => [
  ['logsCollected', ofSource, values],
  ['containers', following, `${followed}x120`],
  ['engineUp', ofSource, `${isUp}x120`],
]
const queue = (memory: number, disk: number): readonly Series[] => [
  ['sinkQueueBytes', ofSink, `${memory}x60`],
  ['sinkDiskQueueBytes', ofSink, `${disk}x60`],
  ['sinkQueueLimitBytes', ofSink, '100x60'],
  ['sinkDiskQueueLimitBytes', ofSink, '900x60'],
]
const descriptors = (sockets: number): readonly Series[] => [
  ['descriptors', { ...where, kind: 'socket' }, `${sockets}x60`],
  ['descriptors', { ...where, kind: 'file' }, '100x60'],
  ['descriptorLimit', where, '1024x60'],
]

const cases: readonly Case[] = [
  {
    alert: 'LogCapturerAbsent',
    at: '6m',
    fires: [{ labels: {}, series: [] }],
    quiet: [[['buildInfo', { ...where, version: '1', node: 'v22' }, '1x60']]],
  },
  {
    alert: 'LogCapturerEngineUnreachable',
    at: '30m',
    fires: [{ labels: ofSource, series: [['engineUp', ofSource, '1x20 0x60']] }],
    quiet: [[['engineUp', ofSource, '0x20 1x60']], [['engineUp', ofSource, '1x28 0x60']]],
  },
  {
    alert: 'LogCapturerNoLines',
    at: '90m',
    fires: [{ labels: ofSource, series: lines('0+60x60 3600x60') }],
    quiet: [
      // Lines come; there were hardly any before; nobody is followed; the engine is away; it stopped just now.
      lines('0+60x120'),
      lines('0x60 1x60'),
      lines('0+60x60 3600x60', 1, 0),
      lines('0+60x60 3600x60', 0),
      lines('0+60x85 5100x60'),
    ],
  },
  {
    alert: 'LogCapturerUnreadable',
    at: '30m',
    fires: [
      {
        labels: { ...ofSource, state: 'unreadable' },
        series: [['containers', { ...ofSource, state: 'unreadable' }, '2x60']],
      },
    ],
    quiet: [
      [
        ['containers', following, '9x60'],
        ['containers', { ...ofSource, state: 'unreadable' }, '0x60'],
      ],
    ],
  },
  {
    alert: 'LogCapturerGaps',
    at: '30m',
    fires: [{ labels: ofSource, series: [['gapsSuspected', ofSource, rise(25, 1)]] }],
    quiet: [[['gapsSuspected', ofSource, '7x60']], [['gapsSuspected', ofSource, rise(5, 1)]]],
  },
  {
    alert: 'LogCapturerLag',
    at: '30m',
    fires: [{ labels: ofSink, series: [['sinkLagSeconds', ofSink, '0x15 301x60']] }],
    quiet: [[['sinkLagSeconds', ofSink, '300x60']], [['sinkLagSeconds', ofSink, '0x28 900x60']]],
  },
  {
    alert: 'LogCapturerSinkAway',
    at: '30m',
    fires: [{ labels: ofSink, series: [['sinkBreaker', ofSink, '0x15 2 1 2 1 2x60']] }],
    quiet: [[['sinkBreaker', ofSink, '2x20 0x60']]],
  },
  {
    alert: 'LogCapturerQueueNearlyFull',
    at: '30m',
    fires: [{ labels: ofSink, series: queue(51, 760) }],
    quiet: [queue(100, 650), queue(0, 0)],
  },
  {
    alert: 'LogCapturerLinesLost',
    at: '30m',
    fires: [
      { labels: ofSink, series: [['queueLinesLost', { ...ofSink, reason: 'dropped_oldest' }, rise(25, 500)]] },
      { labels: ofSink, series: [['deadLetterLinesDropped', ofSink, rise(25, 1)]] },
    ],
    quiet: [
      [
        ['queueLinesLost', { ...ofSink, reason: 'torn' }, '3x60'],
        ['deadLetterLinesDropped', ofSink, '0x60'],
      ],
    ],
  },
  {
    alert: 'LogCapturerDeadLetters',
    at: '30m',
    fires: [{ labels: ofSink, series: [['deadLetterLinesAdded', ofSink, rise(25, 1)]] }],
    quiet: [[['deadLetterLinesAdded', ofSink, '40x60']]],
  },
  {
    alert: 'LogCapturerDeadLettersNearlyFull',
    at: '30m',
    fires: [
      {
        labels: where,
        series: [
          ['deadLetterBytes', where, '81x60'],
          ['deadLetterLimitBytes', where, '100x60'],
        ],
      },
    ],
    quiet: [
      [
        ['deadLetterBytes', where, '80x60'],
        ['deadLetterLimitBytes', where, '100x60'],
      ],
    ],
  },
  {
    alert: 'LogCapturerCursorsNotWritten',
    at: '30m',
    fires: [{ labels: where, series: [['cursorFlushErrors', where, '0x10 1+1x60']] }],
    quiet: [[['cursorFlushErrors', where, '5x60']], [['cursorFlushErrors', where, rise(28, 1)]]],
  },
  {
    alert: 'LogCapturerReloadFailed',
    at: '5m',
    fires: [{ labels: where, series: [['configReloadFailed', where, '0x3 1x60']] }],
    quiet: [[['configReloadFailed', where, '1x3 0x60']]],
  },
  {
    alert: 'LogCapturerLeak',
    at: '5m',
    fires: [
      {
        labels: { ...where, resource: 'sockets' },
        series: [['leakVerdict', { ...where, resource: 'sockets' }, '1x3 2x60']],
      },
    ],
    quiet: [[['leakVerdict', { ...where, resource: 'sockets' }, '0x3 1x60']]],
  },
  {
    alert: 'LogCapturerDescriptorsNearlyUsed',
    at: '30m',
    fires: [{ labels: where, series: descriptors(750) }],
    quiet: [descriptors(700)],
  },
]

function promtool(...words: readonly string[]) {
  const { status, stdout, stderr, error } = spawnSync('promtool', words, { encoding: 'utf8' })
  if (error) throw new Error(`promtool (Debian's package prometheus) cannot be run: ${error.message}`)
  return { status, said: stdout + stderr }
}

function unitTest({ alert, at }: Case, series: readonly Series[], labels?: Readonly<Record<string, string>>): object {
  const { severity } = alerts.find(({ name }) => name === alert)!
  return {
    interval: '1m',
    input_series: series.map(([key, its, values]) => ({
      series: `${metric(key as Parameters<typeof metric>[0]).name}{${Object.entries(its)
        .map(([name, value]) => `${name}="${value}"`)
        .join(',')}}`,
      values,
    })),
    // Without annotations: their templates are Prometheus' matter, and are checked with the rules.
    alert_rule_test: [
      { alertname: alert, eval_time: at, exp_alerts: labels ? [{ exp_labels: { severity, ...labels } }] : [] },
    ],
  }
}

test('promtool has nothing against the rules', () => {
  expect(promtool('check', 'rules', rulesFile)).toMatchObject({ status: 0 })
})

test('each alert has cases', () => {
  expect(cases.map(({ alert }) => alert)).toEqual(alerts.map(({ name }) => name))
  for (const { fires, quiet } of cases) expect(Math.min(fires.length, quiet.length)).toBeGreaterThan(0)
})

test('each alert fires where it is to, with its labels, and not in a near miss', () => {
  const folder = mkdtempSync(join(tmpdir(), 'alerts-'))
  try {
    const tests = cases.flatMap((one) => [
      ...one.fires.map(({ labels, series }) => unitTest(one, series, labels)),
      ...one.quiet.map((series) => unitTest(one, series)),
    ])
    const rules = readFileSync(rulesFile, 'utf8').replace(
      /^ *(annotations|summary|description):.*\n(?: {10,}\S.*\n)*/gm,
      '',
    )
    writeFileSync(join(folder, 'rules.yml'), rules)
    writeFileSync(join(folder, 'test.yml'), stringify({ rule_files: ['rules.yml'], evaluation_interval: '1m', tests }))
    expect(promtool('test', 'rules', join(folder, 'test.yml'))).toEqual({
      status: 0,
      said: expect.stringContaining('SUCCESS') as string,
    })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('each alert has a section that says what to do, and a link leads there from where the page is known to be', () => {
  const page = readFileSync(alertsPage, 'utf8')
  const rules = alertRules('https://wiki.example/alerts')
  expect(readFileSync(rulesFile, 'utf8')).not.toContain('runbook_url')
  for (const { name, whatToDo } of alerts) {
    expect(page).toContain(`## ${name}\n`)
    expect(page).toContain(whatToDo)
    expect(`${rules}\n`).toContain(`runbook_url: https://wiki.example/alerts#${name.toLowerCase()}\n`)
  }
})

test('labels that rules and their texts speak of are labels of their metrics', () => {
  for (const { query, summary, description } of alerts) {
    const known = new Set([...labelsOf(query), 'job', 'instance'])
    const grouped = [...query.render().matchAll(/\bby \(([^)]*)\)/g)].flatMap(([, names]) => names!.split(', '))
    const told = [...`${summary} ${description}`.matchAll(/\$labels\.(\w+)/g)].map(([, name]) => name!)
    for (const name of [...grouped, ...told]) expect(known).toContain(name)
  }
})
