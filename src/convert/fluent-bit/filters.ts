import { allOf } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import type { InputNode } from '../input-node.ts'
import { joinLines } from './multiline.ts'
import { applyParser } from './parsers.ts'
import { equals, hasKey, keyOf, matches, placeholderOf } from './record.ts'
import type { FluentBit } from './read.ts'

/** Every filter but rewrite_tag. */
export function applyFilter(node: InputNode, config: FluentBit, chain: Chain): void {
  const name = node.get('name')?.text().toLowerCase() ?? ''
  node.get('alias')?.use()
  switch (name) {
    case 'grep': {
      grep(node, chain)
      return
    }
    case 'modify': {
      modify(node, chain)
      return
    }
    case 'record_modifier': {
      recordModifier(node, chain)
      return
    }
    case 'parser': {
      parser(node, config, chain)
      return
    }
    case 'multiline':
      for (const key of [
        'multiline.key_content',
        'buffer',
        'flush_ms',
        'mode',
        'emitter_name',
        'emitter_mem_buf_limit',
      ])
        node.get(key)?.use()
      joinLines(node.get('multiline.parser') ?? node, config, chain)
      return
    case 'throttle': {
      throttle(node, chain)
      return
    }
    default:
      chain.draft.gap(node, `a filter "${name}" is not there: lines go on as they are`, 'see docs/pipelines.md')
  }
}

/** The words of a rule: the first so many, and the rest. */
function words(rule: InputNode, count: number): readonly string[] {
  const all = rule.text().trim().split(/\s+/)
  return [...all.slice(0, count), all.slice(count).join(' ')]
}

function grep(node: InputNode, chain: Chain): void {
  const isOr = node.get('logical_op')?.text().toUpperCase() === 'OR'
  const asked = (key: string, not: '' | '!') =>
    (node.get(key)?.items() ?? []).flatMap((rule) => {
      const [of = '', pattern = ''] = words(rule, 1)
      const problem = re2Problem(pattern)
      if (problem === undefined) return [matches(of, pattern, not)]
      chain.draft.gap(rule, `the pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
      return []
    })
  const wanted = asked('regex', '')
  // Those of which one is enough to be taken out with OR, or all are needed.
  const unwanted = asked('exclude', '!')
  const needed = isOr && wanted.length > 1 ? [wanted.join(' || ')] : wanted
  const conditions = [
    ...needed,
    ...(node.get('logical_op')?.text().toUpperCase() === 'AND' && unwanted.length > 1
      ? [unwanted.join(' || ')]
      : unwanted),
  ]
  if (conditions.length > 0) chain.then('filter', node, { where: allOf(conditions) }, `${chain.name}_grep`)
}

const comparisons: Readonly<Record<string, (key: string, value: string) => string>> = {
  key_exists: (key) => hasKey(key, ''),
  key_does_not_exist: (key) => hasKey(key, '!'),
  key_value_equals: (key, value) => equals(key, value, ''),
  key_value_does_not_equal: (key, value) => equals(key, value, '!'),
  key_value_matches: (key, value) => matches(key, value, ''),
  key_value_does_not_match: (key, value) => matches(key, value, '!'),
}

function modify(node: InputNode, chain: Chain): void {
  const conditions: string[] = []
  for (const condition of node.get('condition')?.items() ?? []) {
    const [kind = '', key = '', value = ''] = words(condition, 2)
    const compare = Object.hasOwn(comparisons, kind.toLowerCase()) ? comparisons[kind.toLowerCase()] : undefined
    if (compare === undefined || (/match/i.test(kind) && re2Problem(value) !== undefined)) {
      chain.draft.gap(node, `the condition ${kind} cannot be asked`, 'use a route with where, and fields behind it')
      return
    }
    conditions.push(compare(key, value))
  }
  if (conditions.length === 0) {
    change(node, chain)
    return
  }
  const id = chain.then('route', node, { routes: { met: { where: allOf(conditions) } } }, `${chain.name}_if`)
  const branch = chain.branch([`${id}.met`], id)
  change(node, branch)
  chain.inputs = [...branch.inputs, `${id}.default`]
  chain.hasParted = true
}

function change(node: InputNode, chain: Chain): void {
  const set: Record<string, string> = {}
  const rename: Record<string, string> = {}
  const remove: string[] = []
  for (const kind of ['set', 'add'])
    for (const rule of node.get(kind)?.items() ?? []) {
      const [key = '', value = ''] = words(rule, 1)
      if (/[{}]/.test(value.replace(/\$\{\w+\}/g, '')))
        chain.draft.gap(rule, 'braces in a value stand for placeholders', 'write the value without them')
      else if (!Object.hasOwn(set, key)) set[key] = value
    }
  for (const rule of node.get('copy')?.items() ?? []) {
    const [from = '', to = ''] = words(rule, 1)
    set[to] = placeholderOf(from)
  }
  for (const kind of ['rename', 'hard_rename'])
    for (const rule of node.get(kind)?.items() ?? []) {
      const [from = '', to = ''] = words(rule, 1)
      if (placeholderOf(from).startsWith('{fields.')) rename[from] = to
      else set[to] = placeholderOf(from)
    }
  for (const rule of node.get('remove')?.items() ?? []) remove.push(keyOf(rule.text()))
  for (const rule of node.get('remove_wildcard')?.items() ?? []) remove.push(`${rule.text().replace(/\*$/, '')}*`)
  if (node.get('add') !== undefined)
    chain.draft.note(node.get('add')!, 'fields are set, those that were there before as well')
  fields({ set, rename, remove }, node, chain)
}

function fields(
  options: { set?: object; rename?: object; remove?: readonly string[]; keep?: readonly string[] },
  node: InputNode,
  chain: Chain,
): void {
  const given = Object.entries(options).filter(([, value]) => Object.keys(value as object).length > 0)
  if (given.length > 0) chain.then('fields', node, Object.fromEntries(given))
}

function recordModifier(node: InputNode, chain: Chain): void {
  const set: Record<string, string> = {}
  for (const rule of node.get('record')?.items() ?? []) {
    const [key = '', value = ''] = words(rule, 1)
    if (/[{}]/.test(value.replace(/\$\{\w+\}/g, '')))
      chain.draft.gap(rule, 'braces in a value stand for placeholders', 'write the value without them')
    else set[key] = value
  }
  const texts = (...keys: readonly string[]) => keys.flatMap((key) => node.get(key)?.texts() ?? [])
  fields(
    { set, remove: texts('remove_key'), keep: texts('allowlist_key', 'whitelist_key').filter((key) => key !== 'log') },
    node,
    chain,
  )
}

function parser(node: InputNode, config: FluentBit, chain: Chain): void {
  const key = node.get('key_name')?.text() ?? 'log'
  node.get('preserve_key')?.use()
  node.get('reserve_data')?.use()
  const from = placeholderOf(key) === '{text}' ? undefined : keyOf(key)
  const [first, ...others] = node.get('parser')?.items() ?? []
  if (first !== undefined) applyParser(first, { from, config }, chain)
  for (const other of others)
    chain.draft.gap(
      other,
      'parsers are not tried one after the other',
      'let a route tell lines apart, and parse each kind behind it',
    )
}

function throttle(node: InputNode, chain: Chain): void {
  const rate = node.get('rate')?.number() ?? 1
  const window = node.get('window')?.number() ?? 5
  const [, amount = '1', unit = 's'] = /^(\d+)([smhd]?)$/.exec(node.get('interval')?.text() ?? '1s') ?? []
  const seconds = Number(amount) * ({ m: 60, h: 3_600, d: 86_400 }[unit] ?? 1)
  node.get('print_status')?.use()
  chain.then('throttle', node, {
    lines_per_second: rate / seconds,
    burst: Math.max(1, Math.round(rate * window)),
    per: 'source',
  })
}
