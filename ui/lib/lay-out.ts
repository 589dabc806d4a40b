import type { PipelineView } from '../../src/api/v1/schemas.ts'

export type Component = PipelineView['components'][number]

export const nodeWidth = 240
export const nodeHeight = 132
const columnGap = 90
const rowGap = 24

export interface PlacedNode {
  readonly component: Component
  readonly x: number
  readonly y: number
}

export interface Edge {
  readonly key: string
  readonly from: PlacedNode
  readonly to: PlacedNode
}

export interface LaidOut {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly Edge[]
  readonly width: number
  readonly height: number
}

/** Sources at the left, sinks at the right, transforms between them by their longest way from a source. */
export function layOut(components: readonly Component[]): LaidOut {
  const byId = new Map(components.map((component) => [component.id, component]))
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    depths.set(id, 0)
    const inputs = byId.get(id)?.inputs ?? []
    const depth = Math.max(-1, ...inputs.map(depthOf)) + 1
    depths.set(id, depth)
    return depth
  }
  const deepest = Math.max(0, ...components.filter(({ kind }) => kind !== 'sink').map(({ id }) => depthOf(id)))
  const columnOf = ({ id, kind }: Component) => (kind === 'sink' ? deepest + 1 : depthOf(id))
  const columns = Array.from({ length: deepest + 2 }, (_, column) =>
    components.filter((component) => columnOf(component) === column),
  )
  const tallest = Math.max(1, ...columns.map(({ length }) => length))
  const height = tallest * (nodeHeight + rowGap) - rowGap
  const nodes = columns.flatMap((column, index) => {
    const top = (height - (column.length * (nodeHeight + rowGap) - rowGap)) / 2
    return column.map((component, row) => ({
      component,
      x: index * (nodeWidth + columnGap),
      y: top + row * (nodeHeight + rowGap),
    }))
  })
  const placed = new Map(nodes.map((node) => [node.component.id, node]))
  const edges = nodes.flatMap((to) =>
    to.component.inputs.flatMap((id) => {
      const from = placed.get(id)
      return from ? [{ key: `${id} ${to.component.id}`, from, to }] : []
    }),
  )
  return { nodes, edges, width: columns.length * (nodeWidth + columnGap) - columnGap, height }
}
