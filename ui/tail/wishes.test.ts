import { expect, test } from 'vitest'
import type { LineEntry } from './line-buffer.ts'
import { noWishes, queryOf, type Wishes, wantedBy } from './wishes.ts'

const entry: LineEntry = {
  ...{ kind: 'line', id: 1, level: 'warn', hue: 0 },
  line: {
    ...{ at: 'engine', time: '2026-01-01T00:00:00.000000000Z', containerId: 'c' },
    ...{ container: 'web-1', stream: 'stderr', text: 'GET /cart 502' },
  },
}

test.each<[what: string, wishes: Partial<Wishes>, isWanted: boolean]>([
  ['nothing in particular', {}, true],
  ['a pattern of names', { containers: 'db, web-?' }, true],
  ['another', { containers: 'web' }, false],
  ['a name that looks like a pattern of another kind', { containers: 'web.1' }, false],
  ['its stream', { stream: 'stderr' }, true],
  ['the other stream', { stream: 'stdout' }, false],
  ['a text in it', { include: '/cart' }, true],
  ['a text that is no pattern', { include: '5..' }, false],
  ['a pattern', { include: '5..$', includeIsPattern: true }, true],
  ['without that pattern', { exclude: '^GET', excludeIsPattern: true }, false],
  ['its level', { level: 'warn' }, true],
  ['graver', { level: 'error' }, false],
  ['another place', { at: 'quiet' }, false],
])('%s: %j: %s', (_what, wishes, isWanted) => {
  expect(wantedBy({ ...noWishes, ...wishes })(entry)).toBe(isWanted)
})

test('the collector is asked for what it can choose: texts, no patterns', () => {
  const wishes: Wishes = {
    ...noWishes,
    ...{
      containers: 'web-*, db',
      stream: 'stdout',
      at: 'quiet',
      include: 'a&b',
      exclude: 'x+',
      excludeIsPattern: true,
    },
  }
  expect(queryOf(wishes).toString()).toBe('container=web-*&container=db&stream=stdout&at=quiet&include=a%26b')
})
