import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'

/** A link that was shown can be followed for so long. */
const validMs = 3_600_000

/**
 * Links to reports that a browser can follow by itself: what it shows in a tab of its own it asks for without the token that the page has. A link says for which report
 * it is, and until when, signed with a key of this process; who may ask for the list of reports is given them.
 */
export class ReportLinks {
  readonly #key = randomBytes(32)
  readonly #nowMs: () => number

  constructor(nowMs: () => number = () => Date.now()) {
    this.#nowMs = nowMs
  }

  /** A path on this server, of letters, digits and `.-_/`. */
  pathTo(report: string): string {
    const signed = `${Buffer.from(report).toString('base64url')}.${(this.#nowMs() + validMs).toString(36)}`
    return `/soak-report/${signed}.${this.#sign(signed)}`
  }

  /** The report that a link is for; undefined: it is none, or has ended. */
  reportOf(ticket: string): string | undefined {
    const [name = '', until = '', signature = ''] = ticket.split('.')
    const expected = Buffer.from(this.#sign(`${name}.${until}`))
    const given = Buffer.from(signature)
    if (given.length !== expected.length || !timingSafeEqual(given, expected)) return undefined
    return this.#nowMs() <= Number.parseInt(until, 36) ? Buffer.from(name, 'base64url').toString() : undefined
  }

  #sign(text: string): string {
    return createHmac('sha256', this.#key).update(text).digest('base64url')
  }
}
