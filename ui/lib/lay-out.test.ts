import { expect, test } from 'vitest'
import { type Component, layOut, nodeHeight, nodeWidth } from './lay-out.ts'

const component = (id: string, kind: Component['kind'], inputs: string[] = []): Component => ({
  ...{ id, kind, inputs, type: 'toy', drops: [], isHeldBack: false, fill: null, trouble: null },
  lines: { total: 0, perSecond: null },
})

test('lines go from left to right, and no component lies upon another', () => {
  const { nodes, edges } = layOut([
    component('a', 'source'),
    component('b', 'source'),
    component('first', 'transform', ['a', 'b']),
    component('second', 'transform', ['first']),
    component('disk', 'sink', ['a']),
    component('loki', 'sink', ['second', 'b']),
  ])
  expect(edges.map(({ key }) => key)).toEqual(['a first', 'b first', 'first second', 'a disk', 'second loki', 'b loki'])
  for (const { from, to } of edges) expect(from.x).toBeLessThan(to.x)
  expect(new Set(nodes.map(({ x, y }) => `${x} ${y}`)).size).toBe(6)
  // A line that passes a column by goes behind nothing that stands in it.
  const passing = edges.find(({ key }) => key === 'a disk')!
  for (const { x, y } of passing.points.slice(1, -1))
    for (const node of nodes)
      if (x >= node.x && x <= node.x + nodeWidth) expect(y < node.y || y > node.y + nodeHeight).toBe(true)
  // Sinks stand together, at the end.
  expect(new Set(nodes.slice(-2).map(({ x }) => x)).size).toBe(1)
})

test('what reads from nothing that is there is shown all the same', () => {
  expect(layOut([component('alone', 'sink', ['gone'])])).toMatchObject({ nodes: [{}], edges: [] })
})
