import { re2Problem } from '../../lib/re2.ts'
import type { Chain } from '../chain.ts'
import type { InputNode } from '../input-node.ts'
import { strptime } from '../strptime.ts'
import type { FluentBit } from './read.ts'

const apache = { ident: 'ident', referer: 'referer', user_agent: 'agent', status: 'code', bytes: 'size' }
/** Parsers that come with Fluent Bit, as options of parse. */
const known: Readonly<Record<string, { readonly format: string; readonly renamed?: Record<string, string> }>> = {
  json: { format: 'json' },
  logfmt: { format: 'logfmt' },
  apache: { format: 'combined', renamed: apache },
  apache2: { format: 'combined', renamed: apache },
  nginx: {
    format: 'combined',
    renamed: { ident: 'ident', host: 'remote', referer: 'referer', user_agent: 'agent', status: 'code', bytes: 'size' },
  },
  'syslog-rfc5424': { format: 'syslog' },
  'syslog-rfc3164': { format: 'syslog' },
  'syslog-rfc3164-local': { format: 'syslog' },
}
/** What log-capturer takes off by itself. */
export const wrappings = new Set(['docker', 'docker-daemon', 'cri', 'containerd'])

/** Parses the line, or the field `from`, by the parser of that name. */
export function applyParser(
  name: InputNode,
  { from, config }: { from: string | undefined; config: FluentBit },
  chain: Chain,
): void {
  const wanted = name.text()
  const own = config.parsers.find((parser) => parser.get('name')?.text() === wanted)
  if (own === undefined) {
    const usual = Object.hasOwn(known, wanted) ? known[wanted] : undefined
    if (wrappings.has(wanted)) {
      chain.draft.note(name, 'lines come from the engine as programs write them')
      return
    }
    if (usual === undefined) {
      chain.draft.gap(
        name,
        `the parser "${wanted}" is not in this file`,
        'put its [PARSER] into the file, and convert again',
      )
      return
    }
    chain.then('parse', name, { format: usual.format, from })
    const rename = Object.fromEntries(Object.entries(usual.renamed ?? {}).filter(([old, other]) => old !== other))
    if (Object.keys(rename).length > 0) chain.then('fields', name, { rename }, `${chain.name}_names`)
    return
  }
  const format = own.get('format')?.text().toLowerCase() ?? ''
  const regex = own.get('regex')?.text()
  const pattern =
    regex === undefined
      ? undefined
      : regex.replace(/^\/(.*)\/([imx]*)$/s, (_whole, text: string, flags: string) =>
          flags.includes('i') ? `(?i)${text}` : text,
        )
  const problem = pattern === undefined ? undefined : re2Problem(pattern)
  if (problem !== undefined) {
    chain.draft.gap(own, `its pattern cannot be read: ${problem}`, 'write it without what RE2 does not have')
    return
  }
  if (!['json', 'regex', 'logfmt'].includes(format)) {
    chain.draft.gap(own, `the format "${format}" is not there`, 'see the formats in docs/reference/transform-parse.md')
    return
  }
  chain.then('parse', own, { format, pattern, from }, `${chain.name}_${wanted}`)
  takeTime(own, chain)
  const types = own.get('types')
  if (types !== undefined) chain.draft.note(types, 'fields of a pattern stay texts; expressions take int(fields.NAME)')
  const decoders = [...own.entries].filter(([key]) => key.startsWith('decode_field'))
  for (const [, decoder] of decoders)
    chain.draft.gap(decoder, 'values are not decoded', 'parse the field with from where there is JSON in it')
}

function takeTime(parser: InputNode, chain: Chain): void {
  const key = parser.get('time_key')?.text()
  const written = parser.get('time_format')?.text()
  const keep = parser.get('time_keep')?.isTrue() === true
  parser.get('time_strict')?.use()
  const offset = parser.get('time_offset')
  if (key === undefined || written === undefined) return
  const pattern = strptime(written)
  if (pattern === undefined) {
    chain.draft.gap(
      parser.get('time_format')!,
      `"${written}" is no time that can be read`,
      'see formats in docs/reference/transform-timestamp.md',
    )
    return
  }
  if (offset !== undefined)
    chain.draft.gap(
      offset,
      'times without a zone are taken for UTC',
      'write zone: Europe/Berlin, say, into the timestamp',
    )
  chain.then('timestamp', parser, { fields: [key], formats: [pattern], outside: 'keep' })
  if (!keep) chain.then('fields', parser, { remove: [key] }, `${chain.name}_time_taken`)
}
