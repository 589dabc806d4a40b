// Cost: 0.18 CPU seconds per million 165-byte lines without a find, 0.36 with a pattern besides, about 1 more for each find a line (node bench/shape.mjs).
// No string, no object for a line in which nothing is found.
import { createHmac } from 'node:crypto'
import { RE2JS } from 're2js'
import type { Batch } from '../../batch/batch.ts'
import type { Fields } from '../../batch/fields/fields.ts'
import { lineFlags } from '../../batch/flags.ts'
import { linesWith } from '../../batch/lines-with.ts'
import { BatchRewriter } from '../../batch/rewriter.ts'
import { defineTransform, type Shaper, type TransformContext } from '../../component/transform.ts'
import { FieldsRewriter } from './fields-rewriter.ts'
import { Finds } from './finds.ts'
import { findAddresses } from './addresses.ts'
import { findCards } from './cards.ts'
import { findEmails } from './emails.ts'
import type { Line } from './line.ts'
import { PrivateKeys, privateKeyNeedles } from './private-keys.ts'
import { type Options, options, type RuleName, ruleNames } from './schema.ts'
import { bearerNeedles, findBearers, findTokens } from './tokens.ts'

export const redact = defineTransform({
  name: 'redact',
  summary: 'Takes personal data and secrets out of lines.',
  options,
  examples: [
    {},
    { rules: ['email', 'ip'], with: 'hash', key: 'a-secret-of-16-or-more' },
    { patterns: [{ name: 'customer', regex: 'cust-[0-9]{6}' }] },
  ],
  create: (written, context) => new Redaction(written, context),
})

/** What a rule's finds become. */
type Replacement = (text: Buffer) => Buffer

const atSign = [Buffer.from('@')]

/** Rows that may have something; undefined: the rule is not wanted. */
interface Candidates {
  readonly email: Uint8Array | undefined
  readonly bearer: Uint8Array | undefined
  readonly privateKey: Uint8Array | undefined
}

/** What a text may have. */
interface Looked {
  readonly mayHaveEmail: boolean
  readonly mayHaveBearer: boolean
}

class Redaction implements Shaper {
  /** Those that are known, then patterns; finds name them by their number. */
  readonly #rules: readonly string[]
  /** The number of each known rule; -1: it is not wanted. */
  readonly #numbers: Readonly<Record<RuleName, number>>
  readonly #patterns: readonly RE2JS[]
  readonly #replacements: readonly Replacement[]
  readonly #counts: Float64Array
  readonly #keys = new PrivateKeys()
  readonly #finds = new Finds()
  readonly #rewriter = new BatchRewriter()
  readonly #fieldsRewriter = new FieldsRewriter()
  /** Those of values are told by the value alone. */
  readonly #keysInValues = new PrivateKeys()
  readonly #context: TransformContext

  constructor({ rules, patterns, with: how, key }: Options, context: TransformContext) {
    const known = ruleNames.filter((name) => rules.includes(name))
    this.#context = context
    this.#rules = [...known, ...patterns.map(({ name }) => name)]
    const [card, email, token, privateKey, ip] = ruleNames.map((name) => known.indexOf(name))
    this.#numbers = { card: card!, email: email!, token: token!, private_key: privateKey!, ip: ip! }
    this.#patterns = patterns.map(({ regex }) => RE2JS.compile(regex))
    this.#replacements = this.#rules.map((name) => (how === 'hash' ? hashed(name, key!) : masked(name)))
    this.#counts = new Float64Array(this.#rules.length)
    for (const rule of this.#rules) context.metrics.redactions.inc({ transform: context.id, rule }, 0)
  }

  apply(batch: Batch): Batch {
    this.#rewriter.reset()
    const { columns, count, origins, bytes } = batch
    const candidates = this.#candidatesOf(batch)
    const line = { bytes, from: 0, to: 0, key: '' }
    const { email, bearer, privateKey } = candidates
    for (let row = 0; row < count; row++) {
      if ((columns.flags[row]! & lineFlags.dropped) !== 0) continue
      line.from = columns.start[row]!
      line.to = columns.end[row]!
      line.key = origins[columns.origin[row]!]!.key
      this.#finds.count = 0
      if (!this.#keys.isIdle) this.#keys.findRest(line, this.#finds, this.#numbers.private_key)
      if (privateKey?.[row] === 1) this.#keys.find(line, this.#finds, this.#numbers.private_key)
      this.#look(line, { mayHaveEmail: email?.[row] === 1, mayHaveBearer: bearer?.[row] === 1 })
      if (this.#finds.count > 0) this.#replace(row, bytes)
    }
    const changed = batch.fields === undefined ? undefined : this.#redactFields(batch.fields)
    this.#count()
    return changed === undefined ? this.#rewriter.finish(batch) : this.#rewriter.finishWith(batch, changed)
  }

  /** Values that were found before are looked at as lines are. @returns undefined where nothing was found */
  #redactFields(fields: Fields): Fields | undefined {
    const { email, token, private_key: privateKey } = this.#numbers
    const { start, end } = fields.columns
    const line = { bytes: fields.bytes, from: 0, to: 0, key: '' }
    const mayHave = { mayHaveEmail: email >= 0, mayHaveBearer: token >= 0 }
    for (let value = 0; value < fields.count; value++) {
      line.from = start[value]!
      line.to = end[value]!
      this.#finds.count = 0
      if (privateKey >= 0) this.#keysInValues.find(line, this.#finds, privateKey)
      this.#look(line, mayHave)
      if (this.#finds.count > 0) this.#fieldsRewriter.put(value, this.#replaced(line))
    }
    return this.#fieldsRewriter.finish(fields)
  }

  /** The text with what was found in it replaced. */
  #replaced({ bytes, from, to }: Line): Buffer {
    const finds = this.#finds
    const parts: Buffer[] = []
    let at = from
    for (let i = 0; i < finds.count; i++) {
      parts.push(bytes.subarray(at, finds.from[i]), this.#replacementOf(i, bytes))
      at = finds.to[i]!
    }
    return Buffer.concat([...parts, bytes.subarray(at, to)])
  }

  /** One search of the arena for each, as fast as memory is read. */
  #candidatesOf(batch: Batch): Candidates {
    const { email, token, private_key: privateKey } = this.#numbers
    return {
      email: email < 0 ? undefined : linesWith(batch, atSign),
      bearer: token < 0 ? undefined : linesWith(batch, bearerNeedles),
      privateKey: privateKey < 0 ? undefined : linesWith(batch, privateKeyNeedles),
    }
  }

  /** Adds what is found in a text, private keys aside. */
  #look(line: Line, { mayHaveEmail, mayHaveBearer }: Looked): void {
    const finds = this.#finds
    const numbers = this.#numbers
    if (numbers.card >= 0) findCards(line, finds, numbers.card)
    if (numbers.token >= 0) findTokens(line, finds, numbers.token)
    if (mayHaveBearer) findBearers(line, finds, numbers.token)
    if (mayHaveEmail) findEmails(line, finds, numbers.email)
    if (numbers.ip >= 0) findAddresses(line, finds, numbers.ip)
    if (this.#patterns.length > 0) this.#match(line)
    finds.arrange()
  }

  /** A string is searched first, which is several times faster; only a line with a match is searched by its bytes, for the places. */
  #match({ bytes, from, to }: Line): void {
    const text = bytes.toString('utf8', from, to)
    for (const [index, pattern] of this.#patterns.entries()) {
      if (!pattern.test(text)) continue
      const matcher = pattern.matcher(bytes.subarray(from, to))
      const rule = this.#rules.length - this.#patterns.length + index
      while (matcher.find())
        if (matcher.end() > matcher.start()) this.#finds.add(from + matcher.start(), from + matcher.end(), rule)
    }
  }

  #replace(row: number, bytes: Buffer): void {
    const { count, from, to } = this.#finds
    for (let i = 0; i < count; i++) this.#rewriter.replace(row, from[i]!, to[i]!, this.#replacementOf(i, bytes))
  }

  /** What stands in the place of a find, which is counted. */
  #replacementOf(find: number, bytes: Buffer): Buffer {
    const { from, to, rule } = this.#finds
    this.#counts[rule[find]!]! += 1
    return this.#replacements[rule[find]!]!(bytes.subarray(from[find], to[find]))
  }

  #count(): void {
    const { id: transform, metrics } = this.#context
    for (const [index, rule] of this.#rules.entries()) {
      const found = this.#counts[index]!
      if (found > 0) metrics.redactions.inc({ transform, rule }, found)
    }
    this.#counts.fill(0)
  }
}

function masked(rule: string): Replacement {
  const text = Buffer.from(`[redacted ${rule}]`)
  return () => text
}

/** 64 bits of a keyed hash: two texts of a million have the same once in 37 million such sets. */
function hashed(rule: string, key: string): Replacement {
  return (text) => Buffer.from(`[${rule} ${createHmac('sha256', key).update(text).digest('hex').slice(0, 16)}]`)
}
