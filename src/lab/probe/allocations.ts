import { Session } from 'node:inspector'

/** What was allocated and still lives, by V8's inspector, which is part of this process: no port is opened. */
export class Allocations {
  readonly #session = new Session()
  #isWatching = false

  /** From now on one allocation in `everyBytes` is noted, and forgotten when it is collected. */
  watch(everyBytes: number): void {
    this.#session.connect()
    this.#ask('HeapProfiler.startSampling', { samplingInterval: everyBytes })
    this.#isWatching = true
  }

  /** Bytes that were allocated since and are still there, by the function that did it. */
  living(): ReadonlyMap<string, number> {
    if (!this.#isWatching) return new Map()
    const { profile } = this.#ask('HeapProfiler.getSamplingProfile') as { profile: { head: AllocationNode } }
    const bytes = new Map<string, number>()
    addAllocations(bytes, profile.head)
    return bytes
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
