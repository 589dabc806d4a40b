import type { PipelineView } from '../../src/api/v1/schemas.ts'

export type Component = PipelineView['components'][number]

export const nodeWidth = 240
export const nodeHeight = 132
const columnGap = 90
const rowGap = 24
/** What a line takes that passes a column by. */
const passHeight = 8

export interface PlacedNode {
  readonly component: Component
  readonly x: number
  readonly y: number
}

export interface Edge {
  readonly key: string
  readonly from: PlacedNode
  readonly to: PlacedNode
  /** Points that the line goes through, both ends included. */
  readonly points: readonly Point[]
}

export interface Point {
  readonly x: number
  readonly y: number
}

export interface LaidOut {
  readonly nodes: readonly PlacedNode[]
  readonly edges: readonly Edge[]
  readonly width: number
  readonly height: number
}

/** A place in a column: a component, or a line that passes it by on its way from `input` to a later column. */
interface Slot {
  readonly id: string
  readonly component: Component | undefined
  readonly inputs: readonly string[]
}

/** Sources at the left, sinks at the right, transforms between them by their longest way from a source. */
export function layOut(components: readonly Component[]): LaidOut {
  const columns = ordered(withPasses(columnsOf(components)))
  const height = Math.max(nodeHeight, ...columns.map(heightOf))
  const slots = new Map<string, Point>()
  const nodes: PlacedNode[] = []
  for (const [index, column] of columns.entries()) {
    const x = index * (nodeWidth + columnGap)
    let y = (height - heightOf(column)) / 2
    for (const slot of column) {
      if (slot.component) nodes.push({ component: slot.component, x, y })
      slots.set(slot.id, { x, y: y + slotHeight(slot) / 2 })
      y += slotHeight(slot) + rowGap
    }
  }
  const placed = new Map(nodes.map((node) => [node.component.id, node]))
  const edges = nodes.flatMap((to) =>
    to.component.inputs.flatMap((id) => {
      const from = placed.get(id)
      return from ? [{ key: `${id} ${to.component.id}`, from, to, points: pointsOf(from, to, slots) }] : []
    }),
  )
  return { nodes, edges, width: columns.length * (nodeWidth + columnGap) - columnGap, height }
}

function columnsOf(components: readonly Component[]): Component[][] {
  const byId = new Map(components.map((component) => [component.id, component]))
  const depths = new Map<string, number>()
  const depthOf = (id: string): number => {
    const known = depths.get(id)
    if (known !== undefined) return known
    depths.set(id, 0)
    const depth = Math.max(-1, ...(byId.get(id)?.inputs ?? []).map(depthOf)) + 1
    depths.set(id, depth)
    return depth
  }
  const deepest = Math.max(0, ...components.filter(({ kind }) => kind !== 'sink').map(({ id }) => depthOf(id)))
  const columnOf = ({ id, kind }: Component) => (kind === 'sink' ? deepest + 1 : depthOf(id))
  return Array.from({ length: deepest + 2 }, (_, column) =>
    components.filter((component) => columnOf(component) === column),
  )
}

/** With a slot in every column that a line passes by, so that it goes behind no component. */
function withPasses(columns: readonly Component[][]): Slot[][] {
  const columnOf = new Map(columns.flatMap((column, index) => column.map(({ id }) => [id, index] as const)))
  const slots = columns.map((column) => column.map((component): Slot => ({ ...component, component })))
  for (const [index, column] of columns.entries()) {
    for (const { id, inputs } of column) {
      for (const input of inputs) {
        for (let between = (columnOf.get(input) ?? index) + 1; between < index; between++)
          slots[between]!.push({ id: passId(input, id, between), component: undefined, inputs: [input] })
      }
    }
  }
  return slots
}

function passId(from: string, to: string, column: number): string {
  return `${from} ${to} ${column}`
}

/** Each column by where what it reads from stands in those before, so that few lines cross. */
function ordered(columns: readonly Slot[][]): Slot[][] {
  const rows = new Map<string, number>()
  return columns.map((column) => {
    const rank = ({ inputs }: Slot) => {
      const known = inputs.flatMap((id) => rows.get(id) ?? [])
      return known.length === 0 ? 0 : known.reduce((sum, row) => sum + row, 0) / known.length
    }
    // Lines that pass by go above components that read from the same.
    const sorted = [...column].sort(
      (a, b) => rank(a) - rank(b) || Number(a.component !== undefined) - Number(b.component !== undefined),
    )
    for (const [row, { id }] of sorted.entries()) rows.set(id, (row + 0.5) / sorted.length)
    return sorted
  })
}

function pointsOf(from: PlacedNode, to: PlacedNode, slots: ReadonlyMap<string, Point>): Point[] {
  const points = [{ x: from.x + nodeWidth, y: from.y + nodeHeight / 2 }]
  const step = nodeWidth + columnGap
  for (let column = from.x / step + 1; column < to.x / step; column++) {
    const slot = slots.get(passId(from.component.id, to.component.id, column))
    if (slot) points.push(slot, { x: slot.x + nodeWidth, y: slot.y })
  }
  return [...points, { x: to.x, y: to.y + nodeHeight / 2 }]
}

function heightOf(column: readonly Slot[]): number {
  return column.reduce((sum, slot) => sum + slotHeight(slot) + rowGap, -rowGap)
}

function slotHeight({ component }: Slot): number {
  return component ? nodeHeight : passHeight
}
