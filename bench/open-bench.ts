import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Owned } from '../src/lib/owned.ts'
import { openRealEngine, openSimulatedEngine } from './engines.ts'
import { makeInput } from './input/json-file.ts'
import type { Bench, Row } from './rows/row.ts'

const seed = 1

export interface BenchSettings {
  readonly root: string
  readonly lines: number
  readonly steadySeconds: number
  /** What is going to be measured: a real engine is started only for rows that use it. */
  readonly rows: readonly Row[]
}

/** The input and the engines that all rows share. */
export async function openBench(settings: BenchSettings): Promise<Bench & AsyncDisposable> {
  await using undo = new Owned()
  const folder = mkdtempSync(join(tmpdir(), 'log-capturer-bench-'))
  undo.defer(() => rmSync(folder, { recursive: true, force: true }))
  const stop = new AbortController()
  process.once('SIGINT', () => stop.abort(new Error('the bench was stopped')))
  const input = makeInput(join(folder, 'input.log'), settings.lines, seed)
  const simulated = undo.take(await openSimulatedEngine(folder, stop.signal))
  const needsReal = settings.rows.some(({ usesRealEngine }) => usesRealEngine === true)
  const real = needsReal && process.getuid?.() === 0 ? undo.take(await openRealEngine()) : undefined
  const folders: string[] = []
  const owned = undo.move()
  return {
    root: settings.root,
    newFolder() {
      const made = mkdtempSync(join(folder, 'run-'))
      folders.push(made)
      return made
    },
    clearFolders() {
      for (const old of folders.splice(0)) rmSync(old, { recursive: true })
    },
    input,
    simulated,
    get real() {
      if (real === undefined) throw new Error('there is no real engine: it takes root, and the Docker packages')
      return real
    },
    steadySeconds: settings.steadySeconds,
    signal: stop.signal,
    [Symbol.asyncDispose]: () => owned[Symbol.asyncDispose](),
  }
}
