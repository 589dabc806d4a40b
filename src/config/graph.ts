import type { ComponentKind } from './component-spec.ts'
import { nearest, suggest } from '../lib/nearest.ts'
import { componentOf, inputName, outputOf } from '../lib/input-name.ts'
import { type Path, type Place, problemAt } from './place.ts'
import type { Report } from './problem.ts'

/** A component as the others see it. */
export interface GraphNode {
  readonly id: string
  readonly kind: ComponentKind
  readonly path: Path
  readonly key: Place
  /** Undefined where the document does not say them in a usable way; that has been reported. */
  readonly inputs: readonly Input[] | undefined
  /** What its lines are read from as `ID.NAME`; undefined: by its id. Unknown where its options have mistakes, which have been reported. */
  readonly outputs?: readonly string[] | 'unknown' | undefined
  /** It joins lines of a stream: they have to come by one way. */
  readonly holdsBack?: boolean | undefined
}

export interface Input {
  readonly id: string
  readonly place: Place
  readonly path: Path
}

type Nodes = ReadonlyMap<string, GraphNode>

/** Reports inputs that are not there, circles, and what nothing reads from. */
export function checkGraph(nodes: Nodes, report: Report): void {
  const readable = [...nodes.values()].filter((node) => node.kind !== 'sink').flatMap(readableNames)
  for (const node of nodes.values()) checkInputs(node, { nodes, readable }, report)
  const found = circles(nodes)
  for (const circle of found) {
    const message = `the inputs go in a circle: ${circle.names.join(' -> ')}`
    report(problemAt(circle.input.place, circle.input.path, { message, cure: 'take one of them out' }))
  }
  if (found.length === 0)
    for (const node of nodes.values()) if (node.holdsBack === true) reportWays(node, nodes, report)
  const all = [...nodes.values()]
  if (all.some(({ kind }) => kind === 'sink') && all.every(({ inputs }) => inputs !== undefined))
    reportUnread(nodes, readable, report)
}

/** What may stand in the inputs of others. */
function readableNames({ id, outputs }: GraphNode): readonly string[] {
  return Array.isArray(outputs) ? outputs.map((output: string) => inputName(id, output)) : [id]
}

interface Scope {
  readonly nodes: Nodes
  readonly readable: readonly string[]
}

function checkInputs({ inputs = [] }: GraphNode, { nodes, readable }: Scope, report: Report): void {
  const seen = new Set<string>()
  for (const { id, place, path } of inputs) {
    if (seen.has(id)) report(problemAt(place, path, { message: `"${id}" is in this list already` }))
    seen.add(id)
    const from = nodes.get(componentOf(id))
    if (from === undefined) {
      const cure = suggest(id, readable, 'sources and transforms')
      report(problemAt(place, path, { message: `there is no source or transform "${id}"`, cure }))
    } else if (from.kind === 'sink') {
      report(problemAt(place, path, { message: `"${componentOf(id)}" is a sink: nothing can be read from it` }))
    } else {
      const problem = outputProblem(id, from)
      if (problem !== undefined) report(problemAt(place, path, problem))
    }
  }
}

/** Why the input reads from no output of the component; undefined: it does. */
function outputProblem(input: string, from: GraphNode): { message: string; cure: string } | undefined {
  const { id, kind, outputs } = from
  if (outputs === 'unknown') return undefined
  const output = outputOf(input)
  if (outputs === undefined) {
    if (output === undefined) return undefined
    return { message: `the ${kind} "${id}" has no outputs with names`, cure: `write "${id}"` }
  }
  const names = readableNames(from)
  if (output === undefined) return { message: `"${id}" has several outputs`, cure: `write ${names.join(' or ')}` }
  if (outputs.includes(output)) return undefined
  return { message: `"${id}" has no output "${output}"`, cure: suggest(input, names, `outputs of "${id}"`) }
}

/** Lines that come by two ways are not in the order in which they were written. */
function reportWays(node: GraphNode, nodes: Nodes, report: Report): void {
  const waysOf = memoized((id: string): ReadonlyMap<string, number> => {
    const from = nodes.get(id)
    if (from?.kind === 'source') return new Map([[id, 1]])
    const sum = new Map<string, number>()
    for (const input of from?.inputs ?? [])
      for (const [source, ways] of waysOf(componentOf(input.id))) sum.set(source, (sum.get(source) ?? 0) + ways)
    return sum
  })
  for (const [source, ways] of waysOf(node.id)) {
    if (ways < 2) continue
    const message = `the lines of "${source}" come here by ${ways} ways, and are not in order then`
    const cure = 'join them before they part, or give each way a transform of its own'
    report(problemAt(node.key, node.path, { message, cure }))
  }
}

function memoized<V>(make: (id: string) => V): (id: string) => V {
  const made = new Map<string, V>()
  return (id) => {
    const known = made.get(id)
    if (known !== undefined) return known
    const value = make(id)
    made.set(id, value)
    return value
  }
}

/** What is misspelt in a list of inputs counts as read: its cure is told where it is misspelt. */
function reportUnread(nodes: Nodes, readable: readonly string[], report: Report): void {
  const inputs = [...nodes.values()].flatMap((node) => node.inputs ?? [])
  const read = new Set(inputs.map(({ id }) => (readable.includes(id) ? id : nearest(id, readable))))
  const readComponents = new Set(inputs.map(({ id }) => componentOf(id)))
  for (const node of nodes.values()) {
    const names = readableNames(node)
    if (node.kind === 'sink' || names.every((name) => read.has(name))) continue
    if (names.some((name) => read.has(name)) || (node.outputs !== undefined && readComponents.has(node.id))) {
      reportUnreadOutputs(node, read, report)
      continue
    }
    const cure = `add "${names[0]!}" to the inputs of a sink, or remove it`
    report(problemAt(node.key, node.path, { message: `nothing reads from this ${node.kind}`, cure }))
  }
}

/** The last output is for what is left: it may stay unread. */
function reportUnreadOutputs(node: GraphNode, read: ReadonlySet<string | undefined>, report: Report): void {
  if (node.outputs === 'unknown') return
  for (const name of readableNames(node).slice(0, -1)) {
    if (read.has(name)) continue
    const cure = `add "${name}" to the inputs of a sink, or remove it`
    report(problemAt(node.key, node.path, { message: `nothing reads from "${name}"`, cure }))
  }
}

interface Circle {
  /** The input that closes it. */
  readonly input: Input
  /** In the direction of the lines, the first once more at the end. */
  readonly names: readonly string[]
}

/** Depth first along the inputs, without recursion: a chain may be as long as the document. */
function circles(nodes: Nodes): readonly Circle[] {
  const found: Circle[] = []
  const finished = new Set<string>()
  for (const start of nodes.values()) {
    if (finished.has(start.id)) continue
    const way = [{ node: start, next: 0 }]
    const onWay = new Set([start.id])
    for (let step = way.at(-1); step !== undefined; step = way.at(-1)) {
      const input = step.node.inputs?.[step.next]
      step.next += 1
      if (input === undefined) {
        finished.add(step.node.id)
        onWay.delete(step.node.id)
        way.pop()
        continue
      }
      if (onWay.has(componentOf(input.id)) && nodes.get(componentOf(input.id))?.kind !== 'sink') {
        const ids = way.map(({ node }) => node.id)
        found.push({
          input,
          names: [componentOf(input.id), ...ids.slice(ids.indexOf(componentOf(input.id))).reverse()],
        })
        continue
      }
      const node = nodes.get(componentOf(input.id))
      if (node === undefined || node.kind === 'sink' || finished.has(node.id)) continue
      way.push({ node, next: 0 })
      onWay.add(node.id)
    }
  }
  return found
}
