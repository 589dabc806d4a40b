import { re2Problem } from '../../lib/re2.ts'
import type { InputNode } from '../input-node.ts'
import type { Job } from './job.ts'

/** Names of what is extracted, and where it stands in the line. */
type Wanted = ReadonlyMap<string, string>

export function parseJson(options: InputNode, { chain }: Job): void {
  const wanted = new Map<string, string>()
  for (const [name, node] of options.get('expressions')?.entries ?? []) {
    const path = plainPath(node.text() || name)
    if (path === undefined)
      chain.draft.gap(
        node,
        `"${node.text()}" is no plain path`,
        'parse what it looks in once more, with from, or leave it out',
      )
    else wanted.set(name, path)
  }
  const malformed = options.get('drop_malformed')
  if (malformed !== undefined && malformed.isTrue())
    chain.draft.gap(
      malformed,
      'lines that are no JSON go on',
      "add a filter behind it, with where: 'has(fields.NAME)' for a field that all have",
    )
  parseWanted(options, { format: 'json', wanted }, { chain })
}

export function parseLogfmt(options: InputNode, { chain }: Job): void {
  const wanted = new Map(
    [...(options.get('mapping')?.entries ?? [])].map(([name, node]) => [name, node.text() || name]),
  )
  parseWanted(options, { format: 'logfmt', wanted }, { chain })
}

/** Names that clash with what another is extracted as are set, not renamed. */
function parseWanted(
  options: InputNode,
  { format, wanted }: { format: string; wanted: Wanted },
  { chain }: Pick<Job, 'chain'>,
): void {
  const from = options.get('source')?.text()
  if (wanted.size === 0) return
  const id = `${chain.name}_${format}`
  chain.then(
    'parse',
    options,
    { format, from: from === '' ? undefined : from, fields: [...new Set(wanted.values())] },
    id,
  )
  const renamed = [...wanted].filter(([name, path]) => name !== path)
  if (renamed.length > 0)
    chain.then(
      'fields',
      options,
      { set: Object.fromEntries(renamed.map(([name, path]) => [name, `{fields.${path}}`])) },
      `${id}_names`,
    )
}

/** A path of JMESPath that only goes down: `user.id`, `"log-level"`. Undefined: it does more. */
function plainPath(expression: string): string | undefined {
  const parts = expression.trim().match(/"[^"]*"|[^."]+|\./g) ?? []
  if (parts.some((part) => !part.startsWith('"') && part !== '.' && !/^[A-Za-z_]\w*$/.test(part))) return undefined
  return parts.map((part) => part.replace(/^"(.*)"$/, '$1')).join('')
}

export function parseRegex(options: InputNode, { chain, labels }: Job): void {
  const pattern = options.get('expression')?.text() ?? ''
  const problem = re2Problem(pattern)
  if (problem !== undefined) {
    chain.draft.gap(options, `the pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
    return
  }
  const names = [...pattern.matchAll(/\(\?P?<(\w+)>/g)].map(([, name]) => name!)
  if (names.length === 0) {
    chain.draft.gap(
      options,
      'the pattern has no groups with names: it finds nothing',
      'write (?P<name>...) about what it is to find',
    )
    return
  }
  chain.then('parse', options, { format: 'regex', pattern, from: options.get('source')?.text() }, `${chain.name}_regex`)
  if (options.get('labels_from_groups')?.isTrue() === true)
    for (const name of names) labels.set(name, `{fields.${name}}`)
}
