import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { MessageChannel, type MessagePort, receiveMessageOnPort, Worker } from 'node:worker_threads'
import { LogCapturerError } from '../../lib/error.ts'
import { type Answer, type Outcome, type Request, runRows, signals, type WorkerData } from './run-rows.ts'
import type { ScriptOptions } from './schema.ts'
import { typesHookFor } from './types-hook.ts'

/** The script cannot be run at all. */
export class ScriptError extends LogCapturerError {
  readonly code = 'SCRIPT'
}

/** Tools that compile this file may put something of theirs in the place of an `import()` in a function. */
const programText = `const { workerData } = require('node:worker_threads')
if (workerData.typesHook !== undefined) require('node:module').register(workerData.typesHook);
(${runRows.toString()})(workerData, (url) => import(url))`
/** To load a script, and what it imports. */
const loadMs = 10_000
/** Besides what the script may hold: Node's own. */
const ownMemoryMb = 16

/**
 * A script in a thread of its own, which can be stopped whatever it does. The collector's thread waits for it, as it would for a function: lines keep their order, and what comes
 * out does not depend on how fast it is.
 */
export class ScriptThread {
  readonly #options: ScriptOptions
  readonly #signals = new Int32Array(new SharedArrayBuffer(8))
  #worker: Worker | undefined
  #port: MessagePort | undefined

  /** @throws ScriptError where the script cannot be loaded */
  constructor(options: ScriptOptions) {
    this.#options = options
    this.#start()
  }

  /** What becomes of these rows. A row at which the script had to be stopped has the reason as its error, and the rows behind it are run by a script that has begun anew. */
  run(rows: readonly object[]): readonly Outcome[] {
    const outcomes: Outcome[] = []
    while (outcomes.length < rows.length) {
      if (this.#worker === undefined) this.#start()
      const first = outcomes.length
      const answer = this.#ask({ first, rows: rows.slice(first) }, this.#options.timeout)
      if (answer !== undefined && 'outcomes' in answer) outcomes.push(...answer.outcomes)
      else this.#rescue(rows, outcomes)
    }
    return outcomes
  }

  [Symbol.dispose](): void {
    this.#port?.close()
    this.#port = undefined
    void this.#worker?.terminate()
    this.#worker = undefined
  }

  /** The script was stopped at a row: those before it are run once more, that one is left alone. */
  #rescue(rows: readonly object[], outcomes: Outcome[]): void {
    const stuck = Math.max(outcomes.length, Atomics.load(this.#signals, signals.row))
    this[Symbol.dispose]()
    this.#start()
    if (stuck > outcomes.length) {
      const before = { first: outcomes.length, rows: rows.slice(outcomes.length, stuck) }
      const answer = this.#ask(before, this.#options.timeout)
      if (answer !== undefined && 'outcomes' in answer) outcomes.push(...answer.outcomes)
      else {
        // It was well a moment ago: what comes of these rows depends on the hour.
        for (let row = outcomes.length; row < stuck; row++) outcomes.push({ error: 'stopped' })
        this[Symbol.dispose]()
        return
      }
    }
    outcomes.push({ error: `stopped after ${this.#options.timeout} ms, or for its memory` })
  }

  #start(): void {
    const { file, memory } = this.#options
    const { port1, port2 } = new MessageChannel()
    const workerData: WorkerData = {
      url: pathToFileURL(resolve(file)).href,
      port: port2,
      shared: this.#signals.buffer,
      typesHook: typesHookFor(file),
    }
    const worker = new Worker(programText, {
      eval: true,
      workerData,
      transferList: [port2],
      // What it prints is no line of anybody.
      ...{ stdout: true, stderr: true, stdin: false, env: {} },
      resourceLimits: { maxOldGenerationSizeMb: ownMemoryMb + Math.ceil(memory / 2 ** 20) },
    })
    // Out of memory, or ended by itself: whoever waits finds no answer.
    worker.on('error', () => undefined)
    worker.stdout.resume()
    worker.stderr.resume()
    worker.unref()
    port1.unref()
    this.#worker = worker
    this.#port = port1
    const answer = this.#receive(loadMs)
    if (answer !== undefined && 'ready' in answer) return
    this[Symbol.dispose]()
    const why =
      answer !== undefined && 'failure' in answer ? answer.failure : `it is not there after ${loadMs / 1000} s`
    throw new ScriptError(`cannot run the script ${file}: ${why}`, {
      hint: 'give the path of a module of JavaScript or TypeScript whose default export is a function',
    })
  }

  #ask(request: Request, timeoutMs: number): Answer | undefined {
    Atomics.store(this.#signals, signals.row, request.first)
    this.#port!.postMessage(request)
    return this.#receive(timeoutMs)
  }

  /** Waits as long as the script goes on: it may take `timeoutMs` for one row. */
  #receive(timeoutMs: number): Answer | undefined {
    let row = Atomics.load(this.#signals, signals.row)
    for (;;) {
      const answers = Atomics.load(this.#signals, signals.answers)
      const received = receiveMessageOnPort(this.#port!)
      if (received !== undefined) return received.message as Answer
      if (Atomics.wait(this.#signals, signals.answers, answers, timeoutMs) !== 'timed-out') continue
      const now = Atomics.load(this.#signals, signals.row)
      if (now === row) return undefined
      row = now
    }
  }
}
