import { allOf, celOfTemplate, celTest, celText, isFoundIn } from '../cel.ts'
import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import type { Draft } from '../draft.ts'
import type { InputNode } from '../input-node.ts'
import { namesOfPattern } from '../names-of-pattern.ts'

/** What include or exclude of the source choose. */
export interface Selection {
  names: string[]
  labels: string[]
}

interface Target {
  /** Templates by the names of labels, as relabelling goes on. */
  readonly labels: Map<string, string>
  /** Of the source, where it chooses containers. */
  readonly include: Selection | undefined
  readonly exclude: Selection | undefined
  readonly draft: Draft
}

type Lay = (chain: Chain) => void

/** Goes through the rules in order. Gives what has to become transforms behind the source. */
export function relabel(rules: readonly InputNode[], target: Target): readonly Lay[] {
  return rules.flatMap((rule) => relabelBy(rule, target))
}

const labelPrefix = '__meta_docker_container_label_'

function relabelBy(rule: InputNode, target: Target): readonly Lay[] {
  const action = rule.get('action')?.text().toLowerCase() || 'replace'
  const pattern = rule.get('regex')?.text() ?? '(.*)'
  const problem = re2Problem(pattern)
  if (problem !== undefined) {
    target.draft.gap(rule, `the pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
    return []
  }
  switch (action) {
    case 'replace':
      return replace(rule, pattern, target)
    case 'keep':
    case 'drop':
      return choose(rule, { action, pattern }, target)
    case 'labeldrop':
    case 'labelkeep':
      for (const name of [...target.labels.keys()])
        if (isFoundIn(`^(?:${pattern})$`, name) === (action === 'labeldrop') && !name.startsWith('__'))
          target.labels.delete(name)
      return []
    default:
      target.draft.gap(
        rule,
        `the action "${action}" makes labels by rules`,
        'write the labels one by one in labels of the sink: name: "{labels.NAME}"',
      )
      return []
  }
}

/** The source labels, joined; undefined: one of them is not known, which has been told. */
function sourceOf(rule: InputNode, { labels, draft }: Target): string | undefined {
  const separator = rule.get('separator')?.text() ?? ';'
  const templates: string[] = []
  for (const node of rule.get('source_labels')?.items() ?? []) {
    const name = node.text()
    const known = labels.get(name) ?? (name.startsWith(labelPrefix) ? containerLabel(name, node, draft) : undefined)
    if (known === undefined && name.startsWith('__')) {
      draft.gap(
        rule,
        `"${name}" is not known of a container`,
        'use container.name, container.id, container.image, stream, host or labels.NAME',
      )
      return undefined
    }
    templates.push(known ?? '')
  }
  return templates.join(separator)
}

/** Docker's label has dots where discovery writes underscores. Those of known tools are known. */
function containerLabel(meta: string, node: InputNode, draft: Draft): string {
  const name = meta.slice(labelPrefix.length)
  const known = /^(com_docker_compose|com_docker_swarm|com_docker_stack|org_opencontainers_image)_(.+)$/.exec(name)
  if (known !== null) {
    const [, prefix, rest] = known
    const isCompose = prefix === 'com_docker_compose' || prefix === 'com_docker_stack'
    const last = isCompose ? rest!.replaceAll('_', '-').replace(/^project-/, 'project.') : rest!.replaceAll('_', '.')
    return `{labels.${prefix!.replaceAll('_', '.')}.${last}}`
  }
  if (name.includes('_'))
    draft.note(
      node,
      `the container's label is taken to be "${name}"; where there are dots or dashes in its name, write those`,
    )
  return `{labels.${name}}`
}

function replace(rule: InputNode, pattern: string, target: Target): readonly Lay[] {
  const { labels, draft } = target
  const label = rule.get('target_label')?.text() ?? ''
  const replacement = rule.get('replacement')?.text() ?? '$1'
  const source = sourceOf(rule, target)
  if (source === undefined) return []
  const value = replaced(source, pattern, replacement)
  if (value !== undefined) {
    if (value === '') labels.delete(label)
    else labels.set(label, value)
    return []
  }
  const numbers = [...replacement.matchAll(/\$\{?(\d+)\}?/g)].map(([, number]) => Number(number))
  const named = withNamedGroups(pattern, label)
  if (
    label.startsWith('__') ||
    numbers.length !== 1 ||
    !/^\$\{?\d+\}?$/.test(replacement) ||
    named.count < numbers[0]!
  ) {
    draft.gap(
      rule,
      'the label is made by a pattern and a text about it',
      'use transforms of type parse (format: regex, from) and fields, and the field in labels of the sink',
    )
    return []
  }
  const before = labels.get(label)
  if (before !== undefined)
    draft.note(rule, `where the pattern does not match, "${label}" was "${before}", and is nothing now`)
  const field = `${label}_${numbers[0]!}`
  labels.set(label, `{fields.${field}}`)
  return [
    (chain) => {
      chain.then('fields', rule, { set: { [label]: source } }, `${chain.name}_${label}`)
      chain.then(
        'parse',
        rule,
        { format: 'regex', pattern: `^(?:${named.pattern})$`, from: label, fields: [field] },
        `${chain.name}_${label}_found`,
      )
    },
  ]
}

/** The template that the rule makes of one, where it does not depend on the value; undefined: it does. */
function replaced(source: string, pattern: string, replacement: string): string | undefined {
  const isWhole = ['(.*)', '(.+)', '^(.*)$', '^(.+)$'].includes(pattern)
  const isAny = isWhole || ['.*', '.+', ''].includes(pattern)
  if (isAny && !replacement.includes('$')) return replacement
  const put = (value: string) =>
    /[{}]/.test(replacement.replace(/\$\{1\}/g, '')) ? undefined : replacement.replace(/\$\{1\}|\$1/g, () => value)
  if (isWhole) return put(source)
  const isName = /^\^?\\?\/(\(\.[*+]\)|\(\.\*\?\))\$?$/.test(pattern)
  if (isName && source.startsWith('/')) return put(source.slice(1))
  if (!source.includes('{'))
    return isFoundIn(`^(?:${pattern})$`, source) && !replacement.includes('$') ? replacement : undefined
  return undefined
}

/** Gives groups names, so that parse makes fields of them: NAME_1, NAME_2. */
function withNamedGroups(pattern: string, name: string): { readonly pattern: string; readonly count: number } {
  let count = 0
  const text = pattern.replace(/\\.|\[(?:\\.|[^\]])*\]|\((?!\?)/g, (token) =>
    token === '(' ? `(?P<${name}_${++count}>` : token,
  )
  return { pattern: text, count }
}

function choose(
  rule: InputNode,
  { action, pattern }: { action: 'keep' | 'drop'; pattern: string },
  target: Target,
): readonly Lay[] {
  const source = sourceOf(rule, target)
  if (source === undefined) return []
  const selection = action === 'keep' ? target.include : target.exclude
  if (selection !== undefined && chooseContainers(selection, { source, pattern, isKept: action === 'keep' })) return []
  const whole = `^(?:${pattern})$`
  const ask = (value: string) => `${value}.matches(${celText(whole)})`
  const condition = celTest(celOfTemplate(source), { ask, ofEmpty: isFoundIn(whole, '') })
  const where = action === 'keep' ? condition : `!(${allOf([condition])})`
  return [(chain) => void chain.then('filter', rule, { where }, `${chain.name}_${action}`)]
}

/** Lets the source choose, where its patterns can say it. */
function chooseContainers(
  selection: Selection,
  { source, pattern, isKept }: { source: string; pattern: string; isKept: boolean },
): boolean {
  const names = namesOfPattern(pattern)
  if (names === undefined) return false
  if (source === '/{container.name}') {
    if (isKept && selection.names.length > 0) return false
    if (!names.every((name) => name.startsWith('/') || name.startsWith('*'))) return false
    selection.names.push(...names.map((name) => name.replace(/^\//, '')))
    return true
  }
  const label = /^\{labels\.([^}]+)\}$/.exec(source)?.[1]
  // Nothing is said of containers without the label by a pattern that matches the empty text.
  if (label === undefined || isFoundIn(`^(?:${pattern})$`, '')) return false
  if (isKept && selection.labels.length > 0) return false
  selection.labels.push(...names.map((name) => `${label}=${name}`))
  return true
}
