import { describe, expect, test } from 'vitest'
import { readCommandLine } from './command-line.ts'
import { referenceCommand, referenceNames } from './index.ts'

const read = (line: string) => readCommandLine(line.split(' ').filter(Boolean))

describe('the command line of a reference collector', () => {
  test.each(referenceNames)('%s is started as the lab starts it', (name) => {
    const options = { engineHost: 'unix:///run/docker.sock', rotationSeconds: 0.5, healthSeconds: 2, listen: '[::1]:0' }
    const [program, ...words] = referenceCommand(name, { ...options, outputFile: '/tmp/lines of it' })
    expect(program).toMatch(/\/lab\/references\/main\.js$/)
    expect(readCommandLine(words)).toEqual({
      name,
      engine: { kind: 'unix', path: '/run/docker.sock' },
      rotationMs: 500,
      healthMs: 2000,
      listen: { host: '::1', port: 0 },
      outputFile: '/tmp/lines of it',
    })
  })

  test('without flags it is as the predecessor was', () => {
    expect(read('exclusive-pool --engine tcp://10.0.0.1')).toMatchObject({ rotationMs: 30_000, healthMs: 180_000 })
    expect(read('short-streams --engine tcp://10.0.0.1')).toEqual({
      name: 'short-streams',
      engine: { kind: 'tcp', host: '10.0.0.1', port: 2375 },
      rotationMs: 30_000,
      healthMs: undefined,
      listen: { host: '127.0.0.1', port: 0 },
      outputFile: undefined,
    })
  })

  test.each([
    ['', '"" is no reference collector', 'reference collectors: exclusive-pool, short-streams'],
    ['exclusiv-pool', '"exclusiv-pool" is no reference collector', 'did you mean "exclusive-pool"?'],
    ['short-streams', '--engine is missing', 'main.js'],
    ['short-streams again', '"again" is one word too many', 'main.js'],
    ['short-streams --engine ssh://host', '--engine ssh://host: only unix:// and tcp:// are known here', 'main.js'],
    ['short-streams --engine unix://x', '"unix://x" is no engine address', 'write unix://'],
    [
      'short-streams --engine /s --rotation-seconds 0',
      '--rotation-seconds 0: it takes seconds, up to 86400',
      'main.js',
    ],
    ['short-streams --engine /s --health-seconds 1m', '--health-seconds 1m: it takes seconds, up to 86400', 'main.js'],
    ['short-streams --engine /s --listen 8080', '--listen 8080: it takes HOST:PORT', 'main.js'],
    ['short-streams --engine /s --listen a:70000', '--listen a:70000: it takes HOST:PORT', 'main.js'],
    ['short-streams --rotation 5', "Unknown option '--rotation'", 'main.js'],
  ])('"%s" is refused', (line, message, hint) => {
    expect(() => read(line)).toThrow(
      expect.objectContaining({
        message: expect.stringContaining(message) as string,
        hint: expect.stringContaining(hint) as string,
      }),
    )
  })
})
