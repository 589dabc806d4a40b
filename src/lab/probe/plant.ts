import { openSync } from 'node:fs'
import { connect, type Socket } from 'node:net'
import type { LeakKind, PlantedLeak } from './messages.ts'

const hourMs = 3_600_000
const heapItemBytes = 1_024

/** Leaks on purpose, to show that the lab finds them. */
export class Plant {
  readonly #port: number
  readonly #due = new Map<LeakKind, number>()
  readonly #sockets: Socket[] = []
  readonly #heap: string[][] = []

  /** @param port of the loopback interface, where somebody listens: leaked sockets are connected to it */
  constructor(port: number) {
    this.#port = port
  }

  /** Leaks what is due after so many more operations. */
  after(operations: number, leaks: readonly PlantedLeak[]): void {
    for (const { kind, rate } of leaks) {
      const due = (this.#due.get(kind) ?? 0) + (operations * rate) / 1_000
      this.#due.set(kind, due - Math.floor(due))
      for (let i = 0; i < Math.floor(due); i++) this.#leak(kind)
    }
  }

  #leak(kind: LeakKind): void {
    if (kind === 'descriptors') openSync('/dev/null', 'r')
    else if (kind === 'sockets') this.#leakSocket()
    else if (kind === 'timers') setInterval(plantedTimer, hourMs).unref()
    else if (kind === 'listeners') process.setMaxListeners(0).on('planted leak', () => undefined)
    else this.#leakHeap()
  }

  #leakSocket(): void {
    const socket = connect(this.#port, '127.0.0.1').unref()
    // The lab ends first at times; what matters is the descriptor until then.
    socket.on('error', () => undefined)
    this.#sockets.push(socket)
  }

  #leakHeap(): void {
    this.#heap.push(Array.from({ length: heapItemBytes / 16 }, (_, i) => `leak${i}`))
  }
}

function plantedTimer(): void {
  // It waits; that is all.
}
