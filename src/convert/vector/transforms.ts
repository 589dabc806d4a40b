import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import type { InputNode } from '../input-node.ts'
import { conditionOf } from './condition.ts'
import { applyRemap } from './remap.ts'
import { parseCondition } from './vrl.ts'

/** Where lines of an output are read; the empty name is that of the only one. Undefined: there are none. */
export type Outputs = (output: string) => Chain | undefined

/** @param read the outputs that others name */
export function applyTransform({ node, read }: { node: InputNode; read: readonly string[] }, chain: Chain): Outputs {
  const type = node.get('type')?.text() ?? ''
  switch (type) {
    case 'route':
    case 'exclusive_route':
      return route({ node, read, isExclusive: type === 'exclusive_route' }, chain)
    case 'remap':
      remap(node, chain)
      break
    case 'filter':
      filter(node, chain)
      break
    case 'sample':
      sample(node, chain)
      break
    case 'throttle':
      throttle(node, chain)
      break
    case 'dedupe':
      dedupe(node, chain)
      break
    case 'reduce':
      reduce(node, chain)
      break
    default:
      chain.draft.gap(
        node,
        `a transform of the type "${type}" is not there: lines go on as they are`,
        'see docs/pipelines.md',
      )
  }
  return () => chain
}

function remap(node: InputNode, chain: Chain): void {
  for (const key of ['drop_on_error', 'drop_on_abort', 'timezone']) node.get(key)?.use()
  const source = node.get('source')
  if (source === undefined)
    chain.draft.gap(node, 'its program is in another file', 'write it as source, and convert again')
  else applyRemap(source, chain)
}

/** A condition as it stands in options: text, or `{ type: vrl, source }`. */
function where(node: InputNode | undefined): string | undefined {
  node?.get('type')?.use()
  const text = node?.isMap === true ? node.get('source')?.text() : node?.text()
  const condition = parseCondition(text ?? '')
  return condition && conditionOf(condition)
}

function notUnderstood(node: InputNode, chain: Chain): void {
  chain.draft.gap(
    node,
    'the condition is not understood',
    'write it as where, an expression of CEL: docs/reference/transform-filter.md',
  )
}

function filter(node: InputNode, chain: Chain): void {
  const condition = where(node.get('condition'))
  if (condition === undefined) {
    notUnderstood(node.get('condition') ?? node, chain)
    return
  }
  chain.then('filter', node, { where: condition }, chain.name)
}

function route(
  { node, read, isExclusive }: { node: InputNode; read: readonly string[]; isExclusive: boolean },
  chain: Chain,
): Outputs {
  const list: (readonly [string, InputNode | undefined, InputNode])[] = isExclusive
    ? (node.get('routes')?.items() ?? []).map((one) => [one.get('name')?.text() ?? '', one.get('condition'), one])
    : [...(node.get('route')?.entries ?? [])].map(([name, condition]) => [name, condition, condition])
  node.get('reroute_unmatched')?.use()
  const routes: Record<string, object> = {}
  for (const [name, condition, place] of list) {
    const asked = where(condition)
    if (asked === undefined) notUnderstood(place, chain)
    else if (read.includes(name)) routes[name] = { where: asked }
    else
      chain.draft.gap(
        place,
        'nothing reads this route',
        'leave it out; its lines go to the routes behind it, or to the default',
      )
  }
  if (Object.keys(routes).length === 0) return () => chain
  if (!isExclusive && Object.keys(routes).length > 1)
    chain.draft.gap(
      node,
      'a line goes to the first route whose condition it meets, not to all of them',
      'where routes overlap, use a filter for each',
    )
  const id = chain.then('route', node, { routes }, chain.name)
  return (output) => {
    if (output === '_unmatched' || output === 'unmatched') return chain.branch([`${id}.default`])
    return Object.hasOwn(routes, output) ? chain.branch([`${id}.${output}`]) : undefined
  }
}

function sample(node: InputNode, chain: Chain): void {
  const ratio = node.get('ratio')?.number()
  const oneIn = Math.round(node.get('rate')?.number() ?? 1 / (ratio ?? 1))
  if (ratio !== undefined && Math.abs(1 / oneIn - ratio) > ratio / 100)
    chain.draft.gap(node, `a ratio of ${ratio} becomes one in ${oneIn}`, 'see whether that will do')
  if (oneIn >= 2) chain.then('sample', node, { one_in: oneIn }, chain.name)
}

function throttle(node: InputNode, chain: Chain): void {
  const threshold = node.get('threshold')?.number() ?? 1
  const seconds = node.get('window_secs')?.number() ?? 1
  if (!(threshold > 0 && seconds > 0)) {
    chain.draft.gap(
      node,
      'a threshold and a window above 0 are needed',
      'give lines_per_second of a throttle, or leave it out',
    )
    return
  }
  const key = node.get('key_field')
  const isContainer = key !== undefined && /^\{\{\s*\.?container_(name|id)\s*\}\}$/.test(key.text())
  if (key !== undefined && !isContainer)
    chain.draft.gap(
      key,
      'limits are of a stream, a container or a source',
      'see whether per: container is what is meant',
    )
  chain.then(
    'throttle',
    node,
    { lines_per_second: threshold / seconds, burst: threshold, per: key === undefined ? 'source' : 'container' },
    chain.name,
  )
}

function dedupe(node: InputNode, chain: Chain): void {
  const fields = node.at('fields', 'match')
  const ignored = node.at('fields', 'ignore')
  node.at('cache', 'num_events')?.use()
  if (ignored !== undefined || (fields?.texts().join() ?? '') !== 'message')
    chain.draft.gap(
      fields ?? ignored ?? node,
      'repeats are those whose text is the same, in one stream, not those with the same fields',
      'see whether that will do',
    )
  chain.then('dedupe', node, { note: false }, chain.name)
  chain.draft.note(node, 'a text that comes again within 10 s (window) is a repeat')
}

function reduce(node: InputNode, chain: Chain): void {
  const starts = node.get('starts_when')
  const condition = starts && parseCondition(starts.isMap ? (starts.get('source')?.text() ?? '') : starts.text())
  const [of, pattern] =
    condition?.kind === 'call' && condition.name === 'match' ? condition.args.map(({ value }) => value) : []
  const source = of?.kind === 'call' && of.name === 'string' ? of.args[0]?.value : of
  const isMessage = source?.kind === 'path' && source.name === 'message'
  if (!isMessage || pattern?.kind !== 'regex' || re2Problem(pattern.value) !== undefined || chain.hasParted) {
    chain.draft.gap(
      node,
      'events are joined only of lines that follow each other in a stream, by a pattern of their first',
      'use multiline right behind the source',
    )
    return
  }
  const ms = node.get('expire_after_ms')?.number()
  node.get('group_by')?.use()
  const strategies = node.get('merge_strategies')
  const how = strategies?.get('message')?.text() ?? ''
  if (how !== 'concat_newline')
    chain.draft.gap(strategies ?? node, 'lines of an event are joined by line feeds', 'see whether that will do')
  chain.then(
    'multiline',
    node,
    { start: [pattern.value], flush_after: ms === undefined ? undefined : `${ms}ms` },
    chain.name,
  )
}
