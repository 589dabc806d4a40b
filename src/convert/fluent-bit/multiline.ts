import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import type { InputNode } from '../input-node.ts'
import type { FluentBit } from './read.ts'
import { wrappings } from './parsers.ts'

const presets = new Set(['java', 'python', 'go', 'ruby'])

/** Joins lines by parsers for several lines, those that come with Fluent Bit and those of the file. */
export function joinLines(node: InputNode, config: FluentBit, chain: Chain): void {
  const wanted = node.texts().flatMap((names) => names.split(',').map((name) => name.trim()))
  const languages = wanted.filter((name) => presets.has(name))
  const start: string[] = []
  const following: string[] = []
  let flush: string | undefined
  for (const name of wanted) {
    if (presets.has(name) || wrappings.has(name)) continue
    const own = config.multilineParsers.find((parser) => parser.get('name')?.text() === name)
    if (own === undefined)
      chain.draft.gap(
        node,
        `the parser "${name}" is not in this file`,
        'put its [MULTILINE_PARSER] into the file, and convert again',
      )
    else {
      for (const key of ['type', 'parser', 'key_content']) own.get(key)?.use()
      const ms = own.get('flush_timeout')?.number()
      if (ms !== undefined) flush = `${ms}ms`
      for (const rule of [...(own.get('rule')?.items() ?? []), ...(own.get('rules')?.items() ?? [])])
        readRule(rule, { start, following }, chain)
    }
  }
  if (languages.length + start.length + following.length === 0) return
  if (chain.hasParted) {
    chain.draft.gap(
      node,
      'lines that have parted before are in no order to be joined in',
      'join them right behind the source',
    )
    return
  }
  const some = (list: readonly string[]) => (list.length > 0 ? list : undefined)
  chain.then('multiline', node, {
    presets: some(languages),
    start: some(start),
    continue: some(following),
    flush_after: flush,
  })
}

/** `"start_state" "/^\d+/" "cont"`, or a map of these. */
function readRule(rule: InputNode, { start, following }: { start: string[]; following: string[] }, chain: Chain): void {
  const [state = '', written = ''] = rule.isMap
    ? [rule.get('state')?.text() ?? '', rule.get('regex')?.text() ?? '']
    : [...rule.text().matchAll(/"((?:\\.|[^"\\])*)"/g)].map(([, text]) => text!)
  rule.get('next_state')?.use()
  const pattern = written.replace(/^\/(.*)\/$/s, '$1')
  const problem = re2Problem(pattern)
  if (problem !== undefined) {
    chain.draft.gap(
      rule,
      `the pattern cannot be read: ${problem}`,
      'write what follows as continue: RE2 has no look-around',
    )
    return
  }
  if (state === 'start_state') start.push(pattern)
  else following.push(pattern)
}
