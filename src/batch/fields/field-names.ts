/** So many names are known at a time: lines whose keys are data (`{"user-17": ...}`) would fill the memory. */
const mostNames = 8_192
const slots = mostNames * 2

/** Gives each name a number, found by its bytes: no text is made for a name that is known. */
export class FieldNames {
  /** By number. Another array where all were forgotten, so that fields keep those of theirs. */
  names: string[] = []
  #bytes: Buffer[] = []
  readonly #slots = new Uint16Array(slots)

  /** Whether it is time to forget: half of the room is left for the names of a batch. */
  get isHalfFull(): boolean {
    return this.names.length > mostNames / 2
  }

  /** Numbers begin anew; those given before are for the names of before. */
  forget(): void {
    this.names = []
    this.#bytes = []
    this.#slots.fill(0)
  }

  /** The number of the name that these bytes are; -1: there is no room for another. */
  numberOf(bytes: Uint8Array, from: number, to: number): number {
    let hash = to - from
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    for (let slot = (hash ^ (hash >>> 15)) & (slots - 1); ; slot = (slot + 1) & (slots - 1)) {
      const number = this.#slots[slot]! - 1
      if (number === -1) return this.#add(slot, bytes.subarray(from, to))
      if (isSame(this.#bytes[number]!, bytes, from, to)) return number
    }
  }

  numberOfText(name: string): number {
    const bytes = Buffer.from(name)
    return this.numberOf(bytes, 0, bytes.length)
  }

  #add(slot: number, name: Uint8Array): number {
    if (this.names.length === mostNames) return -1
    const bytes = Buffer.from(name)
    this.#slots[slot] = this.names.push(bytes.toString('utf8'))
    this.#bytes.push(bytes)
    return this.names.length - 1
  }
}

function isSame(known: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (known.length !== to - from) return false
  for (let i = 0; i < known.length; i++) if (known[i] !== bytes[from + i]) return false
  return true
}
