import { expect, test } from 'vitest'
import type { Origin } from '../../batch/origin.ts'
import { LabelSets } from './label-sets.ts'

const hourMs = 3_600_000

function originOf(name: string): Origin {
  return { key: `s/${name}/stdout`, stream: 'stdout', container: { id: name, name, image: 'i' }, labels: {}, host: 'h' }
}

test('a set beyond the budget waits until the one that was used longest ago has not been used for an hour', () => {
  const labels = { container: '{container.name}' }
  const sets = new LabelSets({ labels, metadata: {}, tenant: undefined, hasMetadata: true, maxStreams: 2 })
  const [a, b, c] = [originOf('a'), originOf('b'), originOf('c')]
  const labelsAt = (origin: Origin, nowMs: number) => sets.targetOf(origin, nowMs).labels
  expect(labelsAt(a, 0)).toBe('{container="a"}')
  expect(labelsAt(b, 1_000)).toBe('{container="b"}')
  expect(labelsAt(c, 2_000)).toContain('log_capturer_overflow')
  // By then `a` has been used again, and `b` is the oldest.
  expect(labelsAt(a, 3_000)).toBe('{container="a"}')
  expect(labelsAt(c, hourMs)).toContain('log_capturer_overflow')
  expect(labelsAt(c, 1_000 + hourMs)).toBe('{container="c"}')
  expect(labelsAt(b, 1_001 + hourMs)).toContain('log_capturer_overflow')
  expect(labelsAt(a, 1_002 + hourMs)).toBe('{container="a"}')
  expect(labelsAt(b, 1_003 + 2 * hourMs)).toBe('{container="b"}')
})

test('streams of Loki are known by tenant and labels', () => {
  const options = { labels: { app: 'x' }, metadata: {}, hasMetadata: true, maxStreams: 9 }
  const sets = new LabelSets({ ...options, tenant: '{container.name}' })
  const [a, b] = ['a', 'b'].map((name) => sets.targetOf(originOf(name), 0))
  expect(a!.labels).toBe(b!.labels)
  expect(a!.key).not.toBe(b!.key)
  expect(a!.key).toBe(sets.targetOf(originOf('a'), 1).key)
})
