import { execFileSync } from 'node:child_process'
import { mkdirSync, rmSync, statSync, symlinkSync, unlinkSync, writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { SendOutcome } from '../../component/sink.ts'
import { maxOpenFiles } from './open-files.ts'
import { SinkBench } from './testing.ts'

let bench: SinkBench
beforeEach(() => {
  bench = new SinkBench()
})
afterEach(() => bench[Symbol.dispose]())

const reasonOf = (outcome: SendOutcome) => (outcome.status === 'retry' ? outcome.reason : outcome.status)

/** A small disk for as long as `use` takes. */
async function onSmallDisk(folder: string, use: () => Promise<void>): Promise<void> {
  mkdirSync(folder, { recursive: true })
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder])
  try {
    await use()
  } finally {
    execFileSync('umount', [folder])
  }
}

describe('a full disk', () => {
  const texts = (first: number, count: number) =>
    Array.from({ length: count }, (_, i) => `${String(first + i).padStart(6, '0')} ${'y'.repeat(90)}`)
  const whole = (all: readonly string[]) => all.map((text) => `${text}\n`).join('')

  const places: [what: string, isStateThere: boolean][] = [
    ['under the files', false],
    ['under the files and the journal', true],
  ]
  test.each(places)('%s: no half line, no double, and it goes on when there is room', async (_what, isStateThere) => {
    await onSmallDisk(bench.logs, async () => {
      const sink = await bench.open({}, isStateThere ? bench.path('state') : bench.state)
      const [ballast, containers] = [bench.path('ballast'), ['a', 'b', 'c', 'd', 'e']]
      writeFileSync(ballast, Buffer.alloc(600_000))
      const sent: string[] = []
      const batches = Array.from({ length: 10 }, (_, i) => {
        const some = texts(i * 100, 100)
        sent.push(...some)
        return bench.batch(...containers.flatMap((container) => some.map((text) => bench.line(text, container))))
      })
      const seen: string[] = []
      const reasons = await bench.deliver(sink, batches, () => {
        for (const container of containers) {
          const text = bench.read(`${container}.log`)
          seen.push(container)
          expect(whole(sent).startsWith(text)).toBe(true)
        }
        rmSync(ballast, { force: true })
      })
      await sink[Symbol.asyncDispose]()
      expect(seen).not.toEqual([])
      expect(reasons[0]).toMatch(/^disk full: .*(\.log|journal): no space left on device \(ENOSPC\)$/)
      for (const container of containers) expect(bench.read(`${container}.log`)).toBe(whole(sent))
    })
  })

  test('that fills while files are put aside and compressed loses and doubles nothing', async () => {
    await onSmallDisk(bench.logs, async () => {
      const sink = await bench.open({ rotate: { size: 30_000 } })
      const ballast = bench.path('ballast')
      writeFileSync(ballast, Buffer.alloc(850_000))
      const sent = texts(0, 4_000)
      const batches = Array.from({ length: 8 }, (_, i) =>
        bench.batch(...sent.slice(i * 500, (i + 1) * 500).map((text) => bench.line(text))),
      )
      const reasons = await bench.deliver(sink, batches, () => rmSync(ballast, { force: true }))
      await sink[Symbol.asyncDispose]()
      expect(reasons[0]).toMatch(/^disk full: /)
      expect([...bench.putAside(), 'app.log'].map((name) => bench.read(name)).join('')).toBe(whole(sent))
    })
  })
})

test('a disk that is full to the last byte does not keep the sink from closing', async () => {
  await onSmallDisk(bench.logs, async () => {
    const sink = await bench.open({ rotate: { size: 5 } }, bench.path('state'))
    for (const text of ['one', 'two', 'three']) await bench.send(sink, bench.line(text))
    expect(() => writeFileSync(bench.path('ballast'), Buffer.alloc(2_000_000))).toThrow('ENOSPC')
    expect(await bench.send(sink, bench.line('x'.repeat(5_000)))).toMatchObject({ status: 'retry' })
    await sink[Symbol.asyncDispose]()
  })
})

describe('a disk that does not confirm', () => {
  test('acknowledges nothing that was taken back, whoever shared the confirmation', async () => {
    mkdirSync(bench.logs)
    // Takes every byte, and refuses to sync: EINVAL.
    symlinkSync('/dev/null', bench.path('odd.log'))
    const sink = await bench.open({ sync_every: '0ms' })
    const numbers = Array.from({ length: 12 }, (_, i) => String(i))
    const batches = numbers.map((text) => bench.batch(bench.line(text, 'odd'), bench.line(text, 'app')))
    let tries = 0
    const reasons = await bench.deliver(sink, batches, () => {
      expect(bench.read()).toBe('')
      if (++tries === 2) unlinkSync(bench.path('odd.log'))
    })
    await sink[Symbol.asyncDispose]()
    expect(reasons[0]).toMatch(/^cannot write: .*odd\.log: EINVAL/)
    expect([bench.read(), bench.read('odd.log')]).toEqual([`${numbers.join('\n')}\n`, `${numbers.join('\n')}\n`])
  })

  test('has bytes cut from files that were closed meanwhile, too', async () => {
    mkdirSync(bench.logs)
    symlinkSync('/dev/full', bench.path('odd.log'))
    const names = Array.from({ length: maxOpenFiles + 150 }, (_, i) => `c${i}`)
    const sink = await bench.open()
    await bench.send(sink, ...names.map((name) => bench.line('one', name)))
    const batch = bench.batch(...[...names, 'odd'].map((name) => bench.line('two', name)))
    const texts = () => new Set(names.map((name) => bench.read(`${name}.log`)))
    await bench.deliver(sink, [batch], () => {
      expect(texts()).toEqual(new Set(['one\n']))
      unlinkSync(bench.path('odd.log'))
    })
    await sink[Symbol.asyncDispose]()
    expect(texts()).toEqual(new Set(['one\ntwo\n']))
    expect(bench.read('odd.log')).toBe('two\n')
  })

  test('leaves lines in files that were put aside, and only those, written', async () => {
    mkdirSync(bench.logs)
    const sink = await bench.open({ rotate: { size: 20 }, sync_every: '0ms' })
    const numbers = Array.from({ length: 9 }, (_, i) => `number ${i}`)
    const batch = bench.batch(...numbers.map((text) => bench.line(text)), bench.line('x', 'odd'))
    symlinkSync('/dev/null', bench.path('odd.log'))
    const reasons = await bench.deliver(sink, [batch], () => {
      if (reasonsSeen++ === 1) unlinkSync(bench.path('odd.log'))
    })
    await sink[Symbol.asyncDispose]()
    expect(reasons.length).toBeGreaterThan(0)
    const files = [...bench.putAside(), 'app.log'].map((name) => bench.read(name))
    expect(files.join('')).toBe(`${numbers.join('\n')}\n`)
    expect(bench.read('odd.log')).toBe('x\n')
  })
  let reasonsSeen = 0
})

describe('a place that cannot be written', () => {
  const troubles: [what: string, make: () => void, mend: () => void, reason: RegExp][] = [
    [
      'a file in place of the folder',
      () => writeFileSync(bench.logs, ''),
      () => rmSync(bench.logs),
      /^not a folder: .*app\.log: a file stands where a folder should be \((EEXIST|ENOTDIR)\)$/,
    ],
    [
      'a folder in place of the file',
      () => mkdirSync(bench.path('app.log'), { recursive: true }),
      () => rmSync(bench.path('app.log'), { recursive: true }),
      /^not a file: .*app\.log: a folder stands where the file should be \(EISDIR\)$/,
    ],
    [
      'a disk that takes nothing',
      () => {
        mkdirSync(bench.logs)
        symlinkSync('/dev/full', bench.path('app.log'))
      },
      () => unlinkSync(bench.path('app.log')),
      /^disk full: .*app\.log: no space left on device \(ENOSPC\)$/,
    ],
  ]
  test.each(troubles)('%s is named, and waited out', async (_what, make, mend, reason) => {
    make()
    const sink = await bench.open()
    const batch = bench.batch(bench.line('one'))
    const reasons = await bench.deliver(sink, [batch], mend)
    await sink[Symbol.asyncDispose]()
    expect(reasons).toEqual([expect.stringMatching(reason)])
    expect(bench.read()).toBe('one\n')
  })

  test('a read-only file system is named, and waited out', async () => {
    await onSmallDisk(bench.logs, async () => {
      execFileSync('mount', ['-o', 'remount,ro', bench.logs])
      const sink = await bench.open()
      const batch = bench.batch(bench.line('one'))
      const reasons = await bench.deliver(sink, [batch], () => execFileSync('mount', ['-o', 'remount,rw', bench.logs]))
      await sink[Symbol.asyncDispose]()
      expect(reasons).toEqual([expect.stringMatching(/^read-only disk: .*read-only file system \(EROFS\)$/)])
      expect(bench.read()).toBe('one\n')
    })
  })

  test('the state folder: opening says so, with its path', async () => {
    writeFileSync(bench.state, '')
    await expect(bench.open()).rejects.toMatchObject({
      code: 'FILE_WRITE',
      message: expect.stringMatching(/^not a folder: .*state\/journal: a file stands/) as string,
    })
  })

  test('batches behind one that failed wait for it', async () => {
    writeFileSync(bench.logs, '')
    const sink = await bench.open()
    const outcomes = await Promise.all([bench.send(sink, bench.line('one')), bench.send(sink, bench.line('two'))])
    expect(outcomes.map(reasonOf)).toEqual([
      expect.stringMatching(/^not a folder/),
      'a batch before it could not be written',
    ])
    await sink[Symbol.asyncDispose]()
  })
})

test('a batch that failed for long is no position, even when the journal was rewritten meanwhile', async () => {
  mkdirSync(bench.logs)
  symlinkSync('/dev/full', bench.path('app.log'))
  const options = { path: bench.path('app.log') }
  const sink = await bench.open(options)
  const containers = Array.from({ length: 1_000 }, (_, i) => bench.line('y', `${i}${'z'.repeat(150)}`))
  const batch = bench.batch(...containers)
  let largest = 0
  let hasShrunk = false
  for (let i = 0; i < 40 && !hasShrunk; i++) {
    expect(await sink.send(batch, new AbortController().signal)).toMatchObject({ status: 'retry' })
    const { size } = statSync(`${bench.state}/journal`)
    hasShrunk = size < largest
    largest = Math.max(largest, size)
  }
  expect(hasShrunk).toBe(true)
  await sink[Symbol.asyncDispose]()
  const next = await bench.open(options)
  expect(next.recovered).toEqual([])
  await next[Symbol.asyncDispose]()
})
