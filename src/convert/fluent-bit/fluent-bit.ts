import { re2Problem } from '../../lib/re2.ts'
import { Chain } from '../chain.ts'
import type { Conversion, SourceFile } from '../conversion.ts'
import { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { applyFilter } from './filters.ts'
import { addInput, tagOf } from './inputs.ts'
import { addOutput } from './outputs.ts'
import { type FluentBit, readFluentBit } from './read.ts'
import { matches } from './record.ts'
import { takes } from './tags.ts'

/** Where lines with a tag come out behind all filters. */
interface End {
  readonly tag: string
  readonly inputs: readonly string[]
}

/** The configuration of Fluent Bit, in its classic form or as YAML: each input goes through the filters that take its tag, to the outputs that do. */
export function convertFluentBit(file: SourceFile): Conversion {
  const config = readFluentBit(file)
  const draft = new Draft(file.name)
  const ends: End[] = []
  for (const input of config.inputs) {
    const tag = tagOf(input)
    if (isMetric(input)) draft.gap(input, 'metrics are not collected', "log-capturer's own are at /metrics")
    else if (isTaken(tag, config)) walk({ tag, chain: addInput(input, config, draft), depth: 0 }, { config, ends })
    else draft.gap(input, 'no output takes its tag', 'leave it out')
  }
  for (const output of config.outputs) {
    const inputs = ends.filter(({ tag }) => takes(output, tag)).flatMap((end) => end.inputs)
    if (inputs.length > 0) addOutput(output, [...new Set(inputs)], draft)
    else draft.gap(output, 'no lines come to it', 'leave it out')
  }
  const service = config.root.get('service')
  if (service !== undefined)
    draft.note(
      service,
      'the API, /metrics and /health are at 127.0.0.1:8401 (api.listen); queues and cursors are in data_dir',
    )
  for (const file of config.root.get('@include')?.items() ?? [])
    draft.gap(file, 'another file is not read', 'put what is in it in its place, and convert again')
  const env = config.root.get('env')
  if (env !== undefined) draft.gap(env, 'variables are those of the environment', 'set them there')
  for (const parser of [...config.parsers, ...config.multilineParsers])
    if (parser.unused()[0] === parser) draft.note(parser, 'nothing uses this parser')
  if (!draft.has('sources') || !draft.has('sinks')) standIn(config.root, draft)
  return draft.finish(config.root, 'fluent-bit')
}

function standIn(root: InputNode, draft: Draft): void {
  draft.gap(
    root,
    'nothing in it collects logs for an output',
    'this shows the lines of all containers; write what you want',
  )
  const source = draft.add('sources', { id: 'engine', from: root }, { type: 'docker' })
  draft.add('sinks', { id: 'console', from: root }, { type: 'console', inputs: [source] })
}

const metrics = new Set([
  'cpu',
  'mem',
  'disk',
  'netif',
  'proc',
  'health',
  'thermal',
  'docker',
  'fluentbit_metrics',
  'node_exporter_metrics',
  'prometheus_scrape',
  'windows_exporter_metrics',
  'statsd',
  'kmsg',
  'dummy',
  'random',
])

function isMetric(input: InputNode): boolean {
  return metrics.has(input.get('name')?.text().toLowerCase() ?? '')
}

/** Whether lines of the tag come to an output, under it or under another that a filter gives them. */
function isTaken(tag: string, { filters, outputs }: FluentBit): boolean {
  return [...outputs, ...filters.filter(isRewriting)].some((node) => takes(node, tag))
}

function isRewriting(filter: InputNode): boolean {
  return filter.get('name')?.text().toLowerCase() === 'rewrite_tag'
}

interface Walk {
  readonly tag: string
  readonly chain: Chain
  /** How often the tag was written anew. */
  readonly depth: number
}
interface Whole {
  readonly config: FluentBit
  readonly ends: End[]
}

function walk({ tag, chain, depth }: Walk, { config, ends }: Whole): void {
  for (const filter of config.filters) {
    if (!takes(filter, tag)) continue
    if (isRewriting(filter)) rewriteTag(filter, { tag, chain, depth }, { config, ends })
    else applyFilter(filter, config, chain)
  }
  if (config.outputs.some((output) => takes(output, tag))) ends.push({ tag, inputs: chain.inputs })
}

/** `$log ^ERROR errors false`: lines that match go on from the beginning, with another tag. */
function rewriteTag(filter: InputNode, { tag, chain, depth }: Walk, whole: Whole): void {
  filter.get('emitter_name')?.use()
  filter.get('emitter_mem_buf_limit')?.use()
  filter.get('emitter_storage.type')?.use()
  for (const rule of filter.get('rule')?.items() ?? []) {
    const [key = '', pattern = '', wanted = '', keep = 'false'] = rule.text().trim().split(/\s+/)
    const isPlain = !wanted.includes('$') && re2Problem(pattern) === undefined
    if (!isPlain || depth > 2 || wanted === tag) {
      chain.draft.gap(
        rule,
        'tags are not made of what is in a record',
        'use a route with where, and name its outputs in inputs',
      )
      continue
    }
    const where = matches(key, pattern, '')
    const isWanted = isTaken(wanted, whole.config)
    if (keep.toLowerCase() === 'true') {
      if (!isWanted) continue
      const copy = chain.branch(chain.inputs, wanted)
      copy.then('filter', filter, { where })
      walk({ tag: wanted, chain: copy, depth: depth + 1 }, whole)
    } else if (isWanted) {
      const id = chain.then('route', filter, { routes: { matched: { where } } }, `${chain.name}_tags`)
      walk({ tag: wanted, chain: chain.branch([`${id}.matched`], wanted), depth: depth + 1 }, whole)
      chain.inputs = [`${id}.default`]
    } else chain.then('filter', filter, { where: matches(key, pattern, '!') })
  }
}
