import { readdirSync, readFileSync, type FSWatcher, watch } from 'node:fs'
import { createHash } from 'node:crypto'
import { dirname, join } from 'node:path'
import type { Collector } from '../app/collector.ts'
import type { ConfigInput } from '../config/input.ts'
import type { Log } from '../telemetry/log.ts'
import { messageOf } from '../lib/error.ts'
import { hasAborted } from '../lib/wait.ts'

/** Files that change are read when they have been the same for so long: editors write in pieces. */
const settleMs = 500

export interface ReloadWishes extends AsyncDisposable {
  /** From now on wishes are fulfilled; one that came before is fulfilled now. */
  start(collector: Collector): void
}

export interface ReloadOptions {
  readonly signal: AbortSignal
  /** Given: its files are watched, too. */
  readonly watched: ConfigInput | undefined
  readonly log: Log
}

/**
 * Reloads on SIGHUP and, where files are watched, when their contents change. SIGHUP is caught from the call on: without a listener it ends the
 * process. A wish that comes while a reload goes on is fulfilled after it; more than one are one.
 */
export function catchReloadWishes({ signal, watched, log }: ReloadOptions): ReloadWishes {
  let collector: Collector | undefined
  let isWished = false
  let running: Promise<void> | undefined
  const reload = async () => {
    while (isWished && !hasAborted(signal)) {
      isWished = false
      // The collector has told in its log why it did not work.
      await collector!.reload(signal).catch(() => undefined)
    }
    running = undefined
  }
  const look = () => {
    if (collector && isWished) running ??= reload()
  }
  const onWish = () => {
    isWished = true
    look()
  }
  process.on('SIGHUP', onWish)
  const watcher = watched && watchFiles(watched, { onChanged: onWish, log })
  return {
    start(opened) {
      collector = opened
      look()
    },
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', onWish)
      watcher?.[Symbol.dispose]()
      await running
    },
  }
}

interface FileWatch {
  readonly onChanged: () => void
  readonly log: Log
}

/** Watches the folders: editors and Kubernetes put a new file, or a new link, in the place of the old one. */
function watchFiles(input: ConfigInput, { onChanged, log }: FileWatch): Disposable {
  const folders = foldersOf(input)
  let known = hashOf(input)
  let timer: NodeJS.Timeout | undefined
  const look = () => {
    const now = hashOf(input)
    if (now === known) return
    known = now
    onChanged()
  }
  const soon = () => {
    clearTimeout(timer)
    timer = setTimeout(look, settleMs)
  }
  const watchers: FSWatcher[] = folders.map((folder) =>
    watch(folder, soon).on('error', (error) =>
      log.warn({ folder, error: messageOf(error) }, 'the configuration is watched no more; SIGHUP still works'),
    ),
  )
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      for (const watcher of watchers) watcher.close()
    },
  }
}

function foldersOf(input: ConfigInput): string[] {
  if (input.kind === 'directory') return [input.directory]
  return input.kind === 'files' ? [...new Set(input.files.map((file) => dirname(file)))] : []
}

/** Of what the files say: touching them changes nothing. */
function hashOf(input: ConfigInput): string {
  const hash = createHash('sha256')
  for (const file of filesOf(input)) {
    hash.update(`${file}\0`)
    try {
      hash.update(readFileSync(file))
    } catch (error) {
      // It is not there, for now perhaps: that is a change, too, and reading the configuration tells the user.
      hash.update(messageOf(error))
    }
  }
  return hash.digest('hex')
}

function filesOf(input: ConfigInput): readonly string[] {
  if (input.kind === 'files') return input.files
  if (input.kind !== 'directory') return []
  try {
    return readdirSync(input.directory)
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map((name) => join(input.directory, name))
  } catch {
    return [] // The folder is gone: reading the configuration tells the user.
  }
}
