import { Document, isMap, isScalar, type Pair, type Scalar, visit } from 'yaml'
import { type Conversion, type Gap, renderGap } from './conversion.ts'
import type { InputNode } from './input-node.ts'
import { withReferences } from './references.ts'

type Section = 'sources' | 'transforms' | 'sinks'

interface Component {
  readonly options: Readonly<Record<string, unknown>>
  readonly from: string
}

/** The configuration as it comes into being, and what could not be carried over. */
export class Draft {
  readonly #file: string
  readonly #sections = {
    sources: new Map<string, Component>(),
    transforms: new Map<string, Component>(),
    sinks: new Map<string, Component>(),
  }
  readonly #gaps: Gap[] = []
  readonly #notes: string[] = []

  constructor(file: string) {
    this.#file = file
  }

  /** Adds a component, and gives its id, or one like it that is free. Options that are undefined are left out. */
  add(
    section: Section,
    { id: wanted, from }: { readonly id: string; readonly from: InputNode },
    options: { readonly type: string } & Record<string, unknown>,
  ): string {
    const id = this.#freeId(wanted)
    this.#sections[section].set(id, { options: withoutEmpty(options), from: this.#placeOf(from) })
    return id
  }

  gap(node: InputNode, message: string, cure: string): undefined {
    node.use()
    const gap = { file: this.#file, line: node.line, path: node.path, message, cure }
    // What several ways lead through is converted for each of them.
    if (!this.#gaps.some((known) => renderGap(known) === renderGap(gap))) this.#gaps.push(gap)
  }

  /** What works, and is good to know. */
  note(node: InputNode, text: string): void {
    node.use()
    const note = `${this.#placeOf(node)}: ${text}`
    if (!this.#notes.includes(note)) this.#notes.push(note)
  }

  has(section: Section): boolean {
    return this.#sections[section].size > 0
  }

  /** @param root of which what nobody has made anything is a gap */
  finish(root: InputNode, system: string): Conversion {
    for (const node of root.unused()) {
      if (node === root) continue
      this.gap(node, 'this option is not known to the converter', 'see whether docs/reference has one like it')
    }
    const gaps = [...this.#gaps].sort((a, b) => (a.line ?? 0) - (b.line ?? 0))
    return { gaps, text: this.#render(system) }
  }

  #placeOf({ line, path }: InputNode): string {
    return line === undefined ? path : `${path} (line ${line})`
  }

  #freeId(wanted: string): string {
    const base =
      wanted
        .replace(/[^A-Za-z0-9_-]+/g, '_')
        .replace(/^[^A-Za-z0-9]+|_+$/g, '')
        .slice(0, 56) || 'part'
    const isTaken = (id: string) => Object.values(this.#sections).some((section) => section.has(id))
    let id = base
    for (let number = 2; isTaken(id); number++) id = `${base}_${number}`
    return id
  }

  #render(system: string): string {
    const filled = Object.entries(this.#sections).filter(([, components]) => components.size > 0)
    const plain = filled.map(([section, components]) => [
      section,
      Object.fromEntries([...components].map(([id, { options }]) => [id, options])),
    ])
    const document = new Document(Object.fromEntries(plain))
    for (const [section, components] of filled)
      for (const [id, { from }] of components) commentOn(document, [section, id], from)
    visit(document, {
      Scalar: (_key, node) => {
        if (typeof node.value === 'string') node.value = withReferences(node.value)
      },
      Seq: (_key, node) => {
        if (node.items.every((item) => isScalar(item) && String(item.value).length < 40) && node.items.length < 6)
          node.flow = true
      },
    })
    const head = [`Made of ${this.#file} (${system}) by log-capturer convert.`, ...this.#notes]
    return `${head.map((line) => `# ${inOneLine(line)}\n`).join('')}${document.toString({ lineWidth: 0, flowCollectionPadding: false })}`
  }
}

/** The list of gaps, as comments for the head of the configuration. */
export function gapComments(gaps: readonly Gap[]): string {
  if (gaps.length === 0) return ''
  return `# Not carried over:\n${gaps.map((gap) => `# - ${inOneLine(renderGap(gap))}\n`).join('')}#\n`
}

function commentOn(document: Document, [section, id]: readonly [string, string], text: string): void {
  const map = document.get(section)
  if (!isMap(map)) return
  const pair = map.items.find(({ key }) => isScalar(key) && key.value === id) as Pair<Scalar> | undefined
  if (pair !== undefined) pair.key.commentBefore = ` ${text}`
}

function withoutEmpty(options: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined))
}

/** Texts of the input may have several lines, which would end a comment. */
function inOneLine(text: string): string {
  return text.replace(/\s*[\r\n]\s*/g, ' ')
}
