/** What is agreed between the collector's thread and that of a script. */
export const signals = {
  /** How many answers there were: who waits for one waits on this. */
  answers: 0,
  /** The row that the script is at. */
  row: 1,
} as const

/** To the script: rows, of which the first is the one of this number in its batch. */
export interface Request {
  readonly first: number
  readonly rows: readonly object[]
}

/** Of each row: what was changed, `false` where it is taken out, null where nothing was done, or what was thrown. */
export type Outcome = null | false | { readonly text?: string; readonly fields?: object } | { readonly error: string }

/** From the script: it is ready, or cannot be; or what became of rows. */
export type Answer = { readonly ready: true } | { readonly failure: string } | { readonly outcomes: readonly Outcome[] }

/**
 * Runs in a thread of its own, by its own text (`toString`): nothing that stands outside of it may be used. `load` is `import()`. Takes requests from its port, and answers there; after each
 * answer it wakes who waits.
 */
export async function runRows(
  { url, port, shared }: WorkerData,
  load: (url: string) => Promise<unknown>,
): Promise<void> {
  const signals = new Int32Array(shared)
  const answer = (message: Answer) => {
    port.postMessage(message)
    Atomics.add(signals, 0, 1)
    Atomics.notify(signals, 0)
  }
  const textOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
  let script: (row: { text: unknown; fields: object }) => unknown
  try {
    const module = (await load(url)) as { default?: unknown }
    if (typeof module.default !== 'function') throw new Error('its default export is no function')
    script = module.default as typeof script
  } catch (error) {
    answer({ failure: textOf(error) })
    return
  }
  const run = (row: { text: unknown; fields: object }): Outcome => {
    const { text } = row
    const before = JSON.stringify(row.fields)
    try {
      if (script(row) === false) return false
      const after = JSON.stringify(row.fields)
      const changed = {
        ...(row.text === text ? {} : { text: String(row.text) }),
        ...(after === before ? {} : { fields: JSON.parse(after) as object }),
      }
      return Object.keys(changed).length === 0 ? null : changed
    } catch (error) {
      return { error: textOf(error) }
    }
  }
  port.on('message', ({ first, rows }: { first: number; rows: { text: unknown; fields: object }[] }) => {
    const outcomes = rows.map((row, i) => {
      Atomics.store(signals, 1, first + i)
      return run(row)
    })
    answer({ outcomes })
  })
  answer({ ready: true })
}

/** What the thread is started with. */
export interface WorkerData {
  readonly url: string
  readonly port: import('node:worker_threads').MessagePort
  readonly shared: SharedArrayBuffer
  /** The address of a module of hooks that takes types away, where the script has some and Node does not do it. */
  readonly typesHook: string | undefined
}
