import { re2Problem } from '../../lib/re2.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { drop } from './drop.ts'
import { goTemplate } from './go-template.ts'
import { strptimeOfGo } from './go-time.ts'
import type { Job } from './job.ts'
import { match } from './match.ts'
import { parseJson, parseLogfmt, parseRegex } from './parse-stages.ts'

type Stage = (options: InputNode, job: Job) => void

/** What becomes of each stage. */
const stages: Readonly<Record<string, Stage>> = {
  docker,
  cri,
  json: parseJson,
  logfmt: parseLogfmt,
  regex: parseRegex,
  replace,
  template,
  labels,
  structured_metadata: structuredMetadata,
  labeldrop: (options, { labels: known }) => {
    for (const name of options.texts()) known.delete(name)
  },
  labelallow: (options, { labels: known }) => {
    const allowed = new Set(options.texts())
    for (const name of [...known.keys()]) if (!allowed.has(name)) known.delete(name)
  },
  static_labels: (options, { labels: known }) => {
    for (const [name, node] of options.entries) known.set(name, node.text())
  },
  timestamp,
  output: (options, { chain }) => {
    const source = options.get('source')?.text() ?? ''
    if (source === '') chain.draft.gap(options, 'it has no source', 'name the field that is to be the line')
    else chain.then('template', options, { text: `{fields.${source}}` })
  },
  drop,
  match: (options, job) => match(options, job, applyStages),
  multiline,
  tenant,
  limit,
  sampling,
  pack: gapOf(
    'labels are not packed into the line',
    'Loki gets them as labels and structured metadata; read those in place of unpack',
  ),
  metrics: gapOf('no metrics are made of lines', 'make them of the logs in Loki, with recording rules'),
  geoip: gapOf('places of addresses are not looked up', 'look them up behind Loki'),
  decolorize: gapOf(
    'colours are not taken out',
    "set what the program has for it, NO_COLOR=1 say, or use Loki's decolorize",
  ),
  eventlogmessage: gapOf('Windows events are not read', 'leave it out'),
}

/** Goes through stages in order. */
export function applyStages(list: readonly InputNode[], job: Job): void {
  for (const stage of list) {
    for (const [name, options] of stage.entries) {
      const apply = stages[name]
      if (apply === undefined)
        job.chain.draft.gap(options, 'this stage is not known', 'see docs/pipelines.md for transforms')
      else apply(options, job)
    }
  }
}

function gapOf(message: string, cure: string): Stage {
  return (options, { chain }) => chain.draft.gap(options, message, cure)
}

function docker(options: InputNode, { chain, lines, labels: known }: Job): void {
  options.use()
  if (lines === 'files') known.set('stream', '{stream}')
  if (lines !== 'posted') return
  chain.then('parse', options, { format: 'json', fields: ['log', 'stream', 'time'] }, `${chain.name}_docker`)
  chain.then('timestamp', options, { fields: ['time'], outside: 'keep' })
  chain.then('template', options, { text: '{fields.log}' }, `${chain.name}_log`)
  known.set('stream', '{fields.stream}')
}

function cri(options: InputNode, { chain, lines, labels: known }: Job): void {
  for (const [, node] of options.entries) node.use()
  options.use()
  if (lines === 'files') known.set('stream', '{stream}')
  if (lines !== 'posted') {
    chain.draft.note(options, 'lines of an engine come without the form of CRI, and long ones are joined')
    return
  }
  chain.then('parse', options, { format: 'cri', fields: ['time', 'stream', 'message'] }, `${chain.name}_cri`)
  chain.then('timestamp', options, { fields: ['time'], outside: 'keep' })
  chain.then('template', options, { text: '{fields.message}' }, `${chain.name}_message`)
  known.set('stream', '{fields.stream}')
  chain.draft.gap(
    options,
    'partial lines (P) are not joined',
    'take containers from the engine (type: docker), which joins them',
  )
}

function replace(options: InputNode, { chain }: Job): void {
  const expression = options.get('expression')?.text() ?? ''
  const source = options.get('source')?.text()
  const replacement = options.get('replace')?.text() ?? ''
  const problem = usable(options, expression, chain.draft)
  if (problem) return
  chain.then('redact', options, { rules: [], patterns: [{ name: 'replaced', regex: expression }] })
  const where = source === undefined ? 'the whole match becomes' : `in the line and all fields, the whole match becomes`
  chain.draft.gap(
    options,
    `${where} "[redacted replaced]", not "${replacement}" in the place of groups`,
    'give the pattern a telling name in redact, and no more than what is to go in regex',
  )
}

/** Whether the pattern cannot be used, which is told. */
function usable(options: InputNode, pattern: string, draft: Draft): boolean {
  const problem = re2Problem(pattern)
  if (problem !== undefined)
    draft.gap(options, `the pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
  return problem !== undefined
}

function template(options: InputNode, { chain }: Job): void {
  const source = options.get('source')?.text() ?? ''
  const text = source === '' ? undefined : goTemplate(options.get('template')?.text() ?? '', source)
  if (text === undefined) {
    chain.draft.gap(
      options,
      'functions and conditions of Go templates have nothing like them',
      'use {fields.NAME} in transforms of type fields or template; level makes words of levels alike',
    )
    return
  }
  chain.then('fields', options, { set: { [source]: text } }, `${chain.name}_template`)
}

function labels(options: InputNode, { labels: known }: Job): void {
  for (const [name, node] of options.entries) known.set(name, `{fields.${node.text() || name}}`)
  options.use()
}

function structuredMetadata(options: InputNode, job: Job): void {
  const set: Record<string, string> = {}
  for (const [name, node] of options.entries) {
    const source = node.text() || name
    const known = job.labels.get(source)
    // A label that goes into metadata is none any more.
    if (known !== undefined && !known.includes(`{fields.${source}}`)) {
      set[name] = known
      job.labels.delete(source)
    } else if (source !== name) set[name] = `{fields.${source}}`
    job.metadata.add(name)
  }
  options.use()
  if (Object.keys(set).length > 0) job.chain.then('fields', options, { set }, `${job.chain.name}_metadata`)
}

function timestamp(options: InputNode, { chain }: Job): void {
  const source = options.get('source')?.text() ?? 'timestamp'
  const written = [options.get('format'), ...(options.get('fallback_formats')?.items() ?? [])].flatMap(
    (node) => node ?? [],
  )
  const formats = written.flatMap((node) => {
    const format = strptimeOfGo(node.text())
    if (format === undefined)
      chain.draft.gap(
        node,
        `the layout "${node.text()}" cannot be written for strptime`,
        'write it as a pattern of strptime in formats',
      )
    return format ?? []
  })
  options.get('action_on_failure')?.use()
  if (formats.length === 0) return
  chain.then('timestamp', options, {
    fields: [source],
    formats,
    zone: options.get('location')?.text(),
    outside: 'keep',
  })
}

function multiline(options: InputNode, { chain }: Job): void {
  const start = options.get('firstline')?.text() ?? ''
  if (usable(options, start, chain.draft)) return
  if (chain.hasParted) {
    chain.draft.gap(
      options,
      'lines that have parted before are in no order to be joined in',
      'join them right behind the source',
    )
    return
  }
  const most = options.get('max_lines')?.number() ?? 128
  chain.then('multiline', options, {
    start: [start],
    flush_after: options.get('max_wait_time')?.text() ?? '3s',
    max_lines: Math.max(most, 2),
  })
}

function tenant(options: InputNode, job: Job): void {
  const label = options.get('label')?.text()
  const source = options.get('source')?.text()
  if (source !== undefined) job.tenant = `{fields.${source}}`
  else if (label !== undefined) job.tenant = job.labels.get(label)
  else job.tenant = options.get('value')?.text()
}

function limit(options: InputNode, { chain }: Job): void {
  const rate = options.get('rate')?.number() ?? 0
  const burst = options.get('burst')?.number()
  const drops = options.get('drop')?.isTrue() === true
  const by = options.get('by_label_name')
  options.get('max_distinct_labels')?.use()
  const per = by === undefined ? 'source' : 'container'
  if (!(rate > 0)) {
    chain.draft.gap(options, 'a rate above 0 is needed', 'give lines_per_second of a throttle, or leave it out')
    return
  }
  chain.then('throttle', options, { lines_per_second: rate, burst, per })
  if (by !== undefined)
    chain.draft.gap(
      by,
      'limits are of a stream, a container or a source, not of a label',
      'see whether per: container is what is meant',
    )
  if (!drops)
    chain.draft.gap(
      options,
      'lines beyond the rate do not wait: they are taken out',
      'raise lines_per_second, or take the throttle out: queues hold what a destination has no room for',
    )
}

function sampling(options: InputNode, { chain }: Job): void {
  const rate = options.get('rate')?.number() ?? 1
  const oneIn = Math.round(1 / rate)
  if (rate >= 1) return
  if (oneIn < 2) {
    chain.draft.gap(
      options,
      `lines are kept one in two, or three, or more; a rate of ${rate} is not to be had`,
      'write one_in: 2, or leave it out',
    )
    return
  }
  chain.then('sample', options, { one_in: oneIn })
  if (Math.abs(1 / oneIn - rate) > rate / 100)
    chain.draft.gap(options, `a rate of ${rate} becomes one in ${oneIn}`, 'see whether that will do')
}
