import { expect, test } from 'vitest'
import { deferred } from '../../lib/wait.ts'
import { RestartGate } from './restart-gate.ts'

test('a restart waits for what is on its way, and what comes then waits for the restart', async () => {
  const gate = new RestartGate()
  const seen: string[] = []
  const answer = deferred()
  const back = deferred()
  const first = gate.pass(async () => {
    await answer.promise
    seen.push('answered')
  })
  const restart = gate.restart(async () => {
    seen.push('away')
    await back.promise
    seen.push('back')
  })
  const second = gate.pass(() => Promise.resolve(seen.push('asked')))
  answer.resolve()
  await first
  back.resolve()
  await Promise.all([restart, second])
  expect(seen).toEqual(['answered', 'away', 'back', 'asked'])
})

test('requests that fail hold up no restart, and a restart that fails no requests', async () => {
  const gate = new RestartGate()
  const refused = gate.pass(() => Promise.reject(new Error('refused')))
  const restart = gate.restart(() => Promise.reject(new Error('no such command')))
  await expect(refused).rejects.toThrow('refused')
  await expect(restart).rejects.toThrow('no such command')
  expect(await gate.pass(() => Promise.resolve(1))).toBe(1)
})
