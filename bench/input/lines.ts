/** The bench's log lines: half an access log, half an application's JSON, now and then a stack trace; about 165 bytes each, every one with a number. */
import type { SeededRandom } from '../../src/simulator/random.ts'

export interface Line {
  readonly stream: 'stdout' | 'stderr'
  /** Without its line feed. */
  readonly text: string
}

/** Before the eight digits of a line's number. */
export const idPrefix = 'req-'
export const idDigits = 8

const paths = ['/api/v1/items', '/cart', '/checkout/payment', '/static/app.js', '/search?q=caf%C3%A9&page=2'] as const
const agents = ['Mozilla/5.0 (X11; Linux x86_64)', 'curl/8.5.0', 'Go-http-client/2.0 (shop-gateway)'] as const
const messages = [
  'order placed',
  'price looked up for <basket> & "gift"',
  'déjà vu: cached ✓',
  'path C:\\data\\in\tread',
] as const
const levels = ['info', 'info', 'info', 'debug', 'warn', 'error'] as const
const traceShare = 0.005

/** The same seed gives the same lines. `first` is the number of the first. */
export function* lines(random: SeededRandom, first = 0): Generator<Line, never> {
  for (let number = first; ; number++) {
    const id = idText(number)
    if (random.next() < traceShare) {
      yield {
        stream: 'stderr',
        text: `ERROR ${id} java.lang.IllegalStateException: no connection to "ledger" within 3000 ms`,
      }
      for (const [method, line] of [
        ['charge', 120],
        ['retry', 103],
        ['handle', 86],
        ['run', 69],
      ] as const)
        yield {
          stream: 'stderr',
          text: `\tat example.billing.Ledger.${method}(Ledger.java:${line}) ~[billing-4.2.jar!/:4.2] ${idText(++number)}`,
        }
    } else yield { stream: 'stdout', text: random.next() < 0.5 ? accessLine(random, id) : jsonLine(random, id) }
  }
}

function idText(number: number): string {
  return idPrefix + String(number).padStart(idDigits, '0')
}

function accessLine(random: SeededRandom, id: string): string {
  const address = `203.0.113.${below(random, 254)}`
  const request = `GET ${random.pick(paths)}/${below(random, 1e5)} HTTP/1.1`
  return `${address} - - [26/Nov/2025:12:42:${10 + below(random, 50)} +0000] "${request}" 200 ${below(random, 20_000)} "https://shop.example/cart" "${random.pick(agents)}" ${id}`
}

function jsonLine(random: SeededRandom, id: string): string {
  const [level, message] = [random.pick(levels), random.pick(messages)]
  return JSON.stringify({
    ...{ time: '2025-11-26T12:42:31.123Z', level, message, request: id },
    ...{ user: below(random, 1e6), order: `A-${below(random, 1e6)}`, tookMs: below(random, 900), zone: 'eu-1' },
  })
}

function below(random: SeededRandom, limit: number): number {
  return Math.floor(random.next() * limit)
}
