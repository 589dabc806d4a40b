import { Session } from 'node:inspector'

/**
 * What is alive in this process, by asking V8's inspector, which is part of it: no port is opened. Each question collects the heap first, so what is no longer
 * referred to is not counted.
 */
export class LiveObjects implements Disposable {
  readonly #session = new Session()
  #isWatching = false

  constructor() {
    this.#session.connect()
  }

  collectGarbage(): void {
    this.#ask('HeapProfiler.collectGarbage')
  }

  /** Calls `see` with all living instances of what has this prototype, its own heirs included. */
  each<T extends object>(prototype: T, see: (instances: readonly T[]) => void): void {
    handOver.prototype = prototype
    handOver.see = see as (instances: readonly object[]) => void
    const group = { objectGroup: 'living' }
    const { result } = this.#ask('Runtime.evaluate', {
      expression: `globalThis[Symbol.for('${handOverName}')].prototype`,
      ...group,
    }) as { result: { objectId: string } }
    const { objects } = this.#ask('Runtime.queryObjects', {
      prototypeObjectId: result.objectId,
      ...group,
    }) as { objects: { objectId: string } }
    const functionDeclaration = `function () { globalThis[Symbol.for('${handOverName}')].see(this) }`
    this.#ask('Runtime.callFunctionOn', { objectId: objects.objectId, functionDeclaration })
    this.#ask('Runtime.releaseObjectGroup', group)
    handOver.prototype = undefined
    handOver.see = undefined
  }

  /** From now on one allocation in `everyBytes` is noted, and forgotten when it is collected. */
  watchAllocations(everyBytes: number): void {
    this.#ask('HeapProfiler.startSampling', { samplingInterval: everyBytes })
    this.#isWatching = true
  }

  /** Bytes that were allocated since and are still there, by the function that did it. */
  livingAllocations(): ReadonlyMap<string, number> {
    if (!this.#isWatching) return new Map()
    const { profile } = this.#ask('HeapProfiler.getSamplingProfile') as { profile: { head: AllocationNode } }
    const bytes = new Map<string, number>()
    addAllocations(bytes, profile.head)
    return bytes
  }

  [Symbol.dispose](): void {
    this.#session.disconnect()
  }

  /** Within one thread the inspector answers before `post` returns. */
  #ask(method: string, parameters?: object): unknown {
    const answers: { readonly error: Error | null; readonly result: object | undefined }[] = []
    this.#session.post(method, parameters, (error, result) => answers.push({ error, result }))
    const [answer] = answers
    if (answer?.error) throw answer.error
    return answer?.result
  }
}

interface AllocationNode {
  readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number }
  readonly selfSize: number
  readonly children: readonly AllocationNode[]
}

function addAllocations(bytes: Map<string, number>, { callFrame, selfSize, children }: AllocationNode): void {
  if (selfSize > 0) {
    const { functionName, url, lineNumber } = callFrame
    const place = url === '' ? '' : ` (${shortPath(url)}:${lineNumber + 1})`
    const name = `${functionName === '' ? 'a function without a name' : functionName}${place}`
    bytes.set(name, (bytes.get(name) ?? 0) + selfSize)
  }
  for (const child of children) addAllocations(bytes, child)
}

/** The last two folders and the name. */
function shortPath(url: string): string {
  return url.split('/').slice(-3).join('/')
}

/** Where an object of this process and the inspector's words for it meet. */
const handOverName = 'log-capturer.soak.live-objects'
const handOver: { prototype: object | undefined; see: ((instances: readonly object[]) => void) | undefined } = {
  prototype: undefined,
  see: undefined,
}
Object.defineProperty(globalThis, Symbol.for(handOverName), { value: handOver })
