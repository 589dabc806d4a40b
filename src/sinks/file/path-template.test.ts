import { resolve } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Origin } from '../../batch/origin.ts'
import { compileTemplate, templateProblem } from './path-template.ts'

const origin: Origin = {
  key: 'engine/0123/stdout',
  stream: 'stdout',
  container: { id: '0123', name: 'web-1', image: 'registry.example/shop/web:1.2' },
  labels: { team: 'shop', 'com.docker.compose.service': 'web' },
  host: 'node-7',
}
const at = Date.UTC(2026, 10, 23, 17, 5) / 1000

describe('templates', () => {
  const cases: [template: string, path: string][] = [
    ['/logs/{container.name}.{stream}.log', '/logs/web-1.stdout.log'],
    ['/logs/{host}/{date}/{hour}.ndjson', '/logs/node-7/2026-11-23/17.ndjson'],
    ['/logs/{container.image}', '/logs/registry.example_shop_web_1.2'],
    ['/logs/{labels.team}/{labels.com.docker.compose.service}', '/logs/shop/web'],
    ['/logs/{labels.none}.log', '/logs/_.log'],
    ['/logs/{source}-{container.id}', '/logs/engine-0123'],
    ['/logs/all.log', '/logs/all.log'],
    ['/logs/{labels.constructor}.log', '/logs/_.log'],
    ['/logs/../{stream}', '/stdout'],
    ['{host}.log', resolve('node-7.log')],
  ]
  test.each(cases)('%s', (template, path) => {
    expect(templateProblem(template)).toBeUndefined()
    expect(compileTemplate(template).pathOf(origin, at)).toBe(path)
  })

  const refused: [template: string, problem: RegExp][] = [
    ['/logs/{name}.log', /\{name\} stands for nothing; did you mean \{container\.name\}/],
    ['/logs/{container.nam}.log', /did you mean \{container\.name\}/],
    ['/logs/{labels.}.log', /stands for nothing/],
    ['/logs/', /ends in a folder/],
    ['/logs/{}.log', /\{\} stands for nothing; there are \{container\.name\}, /],
    ['/logs/{hots}.log', /did you mean \{host\}/],
    ['/logs/{lables.team}.log', /did you mean \{labels\.NAME\}|there are/],
    ['/logs/{stream', /\{stream has no closing brace/],
    ['/logs/{stream/{host}', /has no closing brace/],
    ['/logs/\0.log', /no NUL/],
    [`/logs/${'x'.repeat(215)}{stream}`, /is too long/],
  ]
  test.each(refused)('%s is refused', (template, problem) => {
    expect(templateProblem(template)).toMatch(problem)
  })
})

test('whatever the names are, a path stays in its folder', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc.constantFrom('..', '.', '../../etc/passwd', '/etc/passwd', 'a/../../b', '\0', '\\..\\', '...'),
  )
  fc.assert(
    fc.property(text, text, text, (name, image, label) => {
      const hostile = { ...origin, container: { ...origin.container, name, image }, labels: { team: label } }
      const path = compileTemplate('/logs/{container.name}/{container.image}/{labels.team}').pathOf(hostile, at)
      const parts = resolve(path).split('/')
      expect(parts.slice(0, 2)).toEqual(['', 'logs'])
      expect(parts).toHaveLength(5)
      for (const part of parts) expect(Buffer.byteLength(part)).toBeLessThanOrEqual(120)
      expect(path).not.toMatch(/[\0\n]/)
    }),
    { numRuns: 500 },
  )
})

test('a name never grows longer than a file system takes, with room for the suffix of a file put aside', () => {
  const long = 'ä€😀'.repeat(100)
  const hostile = {
    ...origin,
    container: { id: long, name: long, image: long },
    labels: { team: 'x'.repeat(1_000_000) },
  }
  const template = '/logs/{container.name}/{container.name}-{container.image}-{container.id}-{labels.team}-{host}.log'
  const [, , folder, name] = compileTemplate(template).pathOf(hostile, at).split('/')
  expect(Buffer.byteLength(folder!)).toBe(119)
  expect(Buffer.byteLength(name!)).toBeLessThanOrEqual(220)
  expect(name).toMatch(/^ä€😀.*-node-7\.log$/)
  expect(name).not.toContain('\ufffd')
})

test('a path changes with the period, and stays the same within it', () => {
  const hourly = compileTemplate('/logs/{hour}.{stream}')
  const paths = [at, at + 60, at + 3_600, at].map((seconds) => hourly.pathOf(origin, seconds))
  expect(paths).toEqual(['17', '17', '18', '17'].map((hour) => `/logs/${hour}.stdout`))
})

test('lines keep to their file while the period is the same', () => {
  expect(compileTemplate('/logs/{stream}').periodOf(at)).toBe(0)
  const daily = compileTemplate('/logs/{date}')
  expect(daily.periodOf(at)).toBe(daily.periodOf(at + 3_600))
  expect(daily.periodOf(at)).not.toBe(daily.periodOf(at + 86_400))
})
