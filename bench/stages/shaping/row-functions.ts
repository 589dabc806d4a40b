/** What each transform of the bench does, as a programmer would write it for lines that are objects. */
import { finishHash, hashText, mixHash } from '../../../src/lib/hash32.ts'
import type { RowFunction, RowView } from './row-view.ts'

const cards = /\b(?:\d[ -]?){12,18}\d\b/g
const emails = /[\w.+-]+@[\w-]+(?:\.[\w-]+)+/g
const tokens =
  /\b(?:gh[pousr]_\w{36}|github_pat_\w{20,}|glpat-[\w-]{20}|xox[abp]-[\w-]{10,}|(?:AKIA|ASIA)[A-Z0-9]{16}|sk_live_\w{20,}|eyJ[\w-]+\.eyJ[\w-]+\.[\w-]+)\b/g
const bearers = /\b(?:Bearer|Basic) +[\w.~+/-]{8,}=*/gi
const privateKeys = /-----BEGIN [A-Z ]*PRIVATE KEY-----/
const levels = /"(?:level|lvl|severity)" *: *"(\w+)"|\b(TRACE|DEBUG|INFO|WARN|ERROR|FATAL)\b/
const continues = /^(?:\s+at |\s+\.\.\. \d+ more|Caused by: |\s+Suppressed: )/
const sampleSeed = 0x9747b28c
const windowMs = 10_000

export function filterRows(text: string): RowFunction {
  return (row) => !row.text.includes(text)
}

export function redactRows(): RowFunction {
  return (row) => {
    if (privateKeys.test(row.text)) row.text = '[redacted private_key]'
    row.text = row.text
      .replace(cards, (digits) => (isCard(digits) ? '[redacted card]' : digits))
      .replace(tokens, '[redacted token]')
      .replace(bearers, '[redacted token]')
      .replace(emails, '[redacted email]')
  }
}

function isCard(text: string): boolean {
  const digits = text.replace(/\D/g, '')
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const doubled = Number(digits[digits.length - 1 - at]) * (1 + (at % 2))
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

export function parseRows(names: readonly string[]): RowFunction {
  return (row) => {
    if (!row.text.startsWith('{')) return
    try {
      const found = JSON.parse(row.text) as RowView['fields']
      for (const name of names) if (found[name] !== undefined) row.fields[name] = found[name]
    } catch {
      // It goes on unparsed.
    }
  }
}

export function sampleRows(oneIn: number): RowFunction {
  return ({ origin, seconds, nanos, ordinal }) => {
    const hash = mixHash(mixHash(hashText(origin.key, sampleSeed), seconds), nanos)
    return finishHash(mixHash(hash, ordinal)) % oneIn === 0
  }
}

export function throttleRows(linesPerSecond: number, burst: number): RowFunction {
  const buckets = new Map<string, { lines: number; atMs: number }>()
  return ({ origin, timeMs }) => {
    const bucket = buckets.get(origin.container.id) ?? { lines: burst, atMs: timeMs }
    buckets.set(origin.container.id, bucket)
    bucket.lines = Math.min(burst, bucket.lines + (Math.max(0, timeMs - bucket.atMs) / 1000) * linesPerSecond)
    bucket.atMs = timeMs
    if (bucket.lines < 1) return false
    bucket.lines -= 1
    return true
  }
}

export function dedupeRows(): RowFunction {
  const seenAtMs = new Map<string, number>()
  return ({ origin, text, timeMs }) => {
    const name = `${origin.key} ${text}`
    const before = seenAtMs.get(name)
    seenAtMs.set(name, timeMs)
    if (seenAtMs.size > 4_096) seenAtMs.delete(seenAtMs.keys().next().value!)
    return before === undefined || timeMs - before > windowMs
  }
}

export function levelRows(): RowFunction {
  return (row) => {
    const found = levels.exec(row.text)
    if (found !== null) row.fields['level'] = (found[1] ?? found[2]!).toLowerCase()
  }
}

export function timestampRows(): RowFunction {
  return (row) => {
    if (typeof row.fields['time'] === 'string') row.ownTimeMs = Date.parse(row.fields['time'])
  }
}

export function fieldsRows(): RowFunction {
  return ({ fields, origin }) => {
    if (fields['message'] !== undefined) {
      fields['msg'] = fields['message']
      delete fields['message']
    }
    fields['place'] = `${origin.host}/${origin.container.name}`
  }
}

export function templateRows(): RowFunction {
  return (row) => {
    row.text = `${row.origin.container.name}: ${row.text}`
  }
}

export function enrichRows(table: ReadonlyMap<string, Readonly<Record<string, string>>>): RowFunction {
  return ({ fields, origin }) => void Object.assign(fields, table.get(origin.container.name))
}

export function tenantRows(): RowFunction {
  return ({ fields, origin }) => {
    fields['tenant'] = origin.container.name
  }
}

/** To one of two outputs. */
export function routeRows(text: string): RowFunction {
  return (row) => (row.text.includes(text) ? 'found' : 'default')
}

/** Adds lines of stack traces to the line before them; gives each whole event to `take`. */
export function joinRows(take: (text: string) => void): { row: RowFunction; end(): void } {
  const open = new Map<string, string[]>()
  return {
    row({ origin, text }) {
      const event = open.get(origin.key)
      if (event !== undefined && continues.test(text)) event.push(text)
      else {
        if (event !== undefined) take(event.join('\n'))
        open.set(origin.key, [text])
      }
    },
    end() {
      for (const event of open.values()) take(event.join('\n'))
    },
  }
}
