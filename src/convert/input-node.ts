/** A value of the other collector's configuration, with its place, that knows whether anybody has made something of it: what nobody has is a gap. */
export class InputNode {
  readonly value: unknown
  readonly path: string
  /** Begins with 1; undefined where the reader of the format does not know it. */
  readonly line: number | undefined
  readonly #entries: ReadonlyMap<string, InputNode>
  #isUsed = false

  constructor(
    value: unknown,
    place: { readonly path: string; readonly line: number | undefined },
    entries: ReadonlyMap<string, InputNode> = new Map(),
  ) {
    this.value = value
    this.path = place.path
    this.line = place.line
    this.#entries = entries
  }

  /** What stands below this key; undefined: nothing. */
  get(key: string): InputNode | undefined {
    return this.#entries.get(key)
  }

  /** What stands at the end of keys. */
  at(first: string, ...keys: readonly string[]): InputNode | undefined {
    let node = this.get(first)
    for (const key of keys) node = node?.get(key)
    return node
  }

  get entries(): Iterable<[string, InputNode]> {
    return this.#entries
  }

  /** The items of a list; a single value is a list of one, and null of none. */
  items(): readonly InputNode[] {
    if (Array.isArray(this.value)) return [...this.#entries.values()]
    return this.value === null || this.value === undefined ? [] : [this]
  }

  get isMap(): boolean {
    return typeof this.value === 'object' && this.value !== null && !Array.isArray(this.value)
  }

  /** Something was made of all of it. */
  use(): this {
    this.#isUsed = true
    return this
  }

  /** A number, true or false as text, too; empty for null. */
  text(): string {
    this.use()
    const { value } = this
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? String(value) : ''
  }

  /** NaN where it is none. */
  number(): number {
    const text = this.text()
    return text === '' ? Number.NaN : Number(text)
  }

  isTrue(): boolean {
    return ['true', 'on', 'yes'].includes(this.text().toLowerCase())
  }

  texts(): readonly string[] {
    return this.items().map((item) => item.text())
  }

  /** The topmost nodes of which nobody has made anything. */
  unused(): readonly InputNode[] {
    if (this.#isUsed) return []
    const children = [...this.#entries.values()]
    return children.some((child) => child.#isTouched) ? children.flatMap((child) => child.unused()) : [this]
  }

  get #isTouched(): boolean {
    return this.#isUsed || [...this.#entries.values()].some((child) => child.#isTouched)
  }
}

/** `scrape_configs[0].job_name`. */
export function pathTo(parent: string, key: string | number): string {
  if (typeof key === 'number') return `${parent}[${key}]`
  return parent === '' ? key : `${parent}.${key}`
}
