import { ApiError } from './api-error.ts'
import type { SimulatedContainer } from './container.ts'

/** The containers of an engine, found by what clients call them. */
export class Containers {
  readonly #byId = new Map<string, SimulatedContainer>()
  readonly #byName = new Map<string, SimulatedContainer>()

  get size(): number {
    return this.#byId.size
  }

  [Symbol.iterator](): IterableIterator<SimulatedContainer> {
    return this.#byId.values()
  }

  add(container: SimulatedContainer): void {
    this.#byId.set(container.id, container)
    this.#byName.set(container.name, container)
  }

  delete(container: SimulatedContainer): void {
    this.#byId.delete(container.id)
    this.#byName.delete(container.name)
  }

  rename(container: SimulatedContainer, name: string): void {
    this.assertFree(name)
    this.#byName.delete(container.name)
    container.name = name
    this.#byName.set(name, container)
  }

  /** By id, by name or by the beginning of an id. */
  get(reference: string): SimulatedContainer {
    const exact = this.#byId.get(reference) ?? this.#byName.get(reference.replace(/^\//, ''))
    if (exact) return exact
    if (/^[0-9a-f]{2,63}$/.test(reference)) {
      const matches = [...this.#byId.values()].filter(({ id }) => id.startsWith(reference))
      if (matches.length === 1) return matches[0]!
      if (matches.length > 1) throw new ApiError(400, `Multiple IDs found with provided prefix: ${reference}`)
    }
    throw new ApiError(404, `No such container: ${reference}`)
  }

  /** Throws unless a container may have the name. */
  assertFree(name: string): void {
    if (!/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/.test(name)) {
      throw new ApiError(400, `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`)
    }
    const owner = this.#byName.get(name)
    if (!owner) return
    const conflict = `Conflict. The container name "/${name}" is already in use by container "${owner.id}".`
    throw new ApiError(409, `${conflict} You have to remove (or rename) that container to be able to reuse that name.`)
  }
}
