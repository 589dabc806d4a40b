import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { startDemo } from './demo.ts'
import { SimulatedEngine } from './engine.ts'

test('every container of the demo runs and writes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-'))
  const engine = await SimulatedEngine.open({ listen: { socketPath: join(folder, 's') } }, AbortSignal.timeout(5_000))
  try {
    const containers = startDemo(engine)
    expect(containers.every(({ isAlive }) => isAlive)).toBe(true)
    await expect
      .poll(() => containers.map(({ output }) => output.stdout.lines + output.stderr.lines).every((lines) => lines > 0))
      .toBe(true)
    expect(containers.filter(({ spec }) => 'com.docker.compose.service' in spec.labels)).toHaveLength(3)
    expect(containers.find(({ name }) => name === 'reports')!.output.stdout.bytes).toBeGreaterThan(50_000)
  } finally {
    await engine[Symbol.asyncDispose]()
    await rm(folder, { recursive: true })
  }
})
