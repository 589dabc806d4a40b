import { createHash } from 'node:crypto'
import { type FSWatcher, readFileSync, realpathSync, statSync, watch } from 'node:fs'
import { dirname } from 'node:path'
import { type ConfigInput, filesOf } from '../config/input.ts'
import { referencedFiles } from '../config/interpolate.ts'
import { codeOf, messageOf } from '../lib/error.ts'
import type { Log } from '../telemetry/log.ts'

/** Files are taken when they have been the same for so long: editors write in pieces. */
const settleMs = 500
/** Without any news the files are looked at all the same: network file systems give none. */
const lookMs = 10_000

export interface ConfigWatchOptions {
  /** What the files say, or that they cannot be read, is not what it was before. */
  readonly onChanged: () => void
  readonly log: Log
}

/**
 * Watches the files of a configuration, and those that it refers to by `${file:...}`. It watches their folders, and the folders that links lead
 * to: editors and Kubernetes put a new file, or a new link, in the place of the old one.
 */
export function watchConfig(input: ConfigInput, { onChanged, log }: ConfigWatchOptions): Disposable {
  const folders = new FolderWatch(() => soon(), log)
  let known = contentOf(input)
  let candidate = known.hash
  folders.watch(known.folders)
  let timer: NodeJS.Timeout
  const later = (ms: number) => {
    clearTimeout(timer)
    timer = setTimeout(look, ms)
  }
  let isSoon = false
  const soon = () => {
    // Not put off by further news: somebody else may write into the same folder all the time.
    if (isSoon) return
    isSoon = true
    later(settleMs)
  }
  const look = () => {
    isSoon = false
    const content = contentOf(input)
    folders.watch(content.folders)
    if (content.hash === known.hash) later(lookMs)
    else if (content.hash === candidate) {
      known = content
      later(lookMs)
      onChanged()
    } else soon()
    candidate = content.hash
  }
  later(lookMs)
  return {
    [Symbol.dispose]() {
      clearTimeout(timer)
      folders.watch([])
    },
  }
}

interface Content {
  /** Of what the files say: touching them changes nothing. */
  readonly hash: string
  /** Where a change of them shows. */
  readonly folders: readonly string[]
}

function contentOf(input: ConfigInput): Content {
  const hash = createHash('sha256')
  const folders = new Set<string>(input.kind === 'directory' ? [input.directory] : [])
  const take = (path: string): string => {
    folders.add(dirname(path))
    hash.update(`${path}\0`)
    try {
      folders.add(dirname(realpathSync(path)))
      const text = readFileSync(path, 'utf8')
      hash.update(`${text}\0`)
      return text
    } catch (error) {
      // It is not there, for now perhaps: that is a change, too, and reading the configuration tells the user.
      hash.update(`${messageOf(error)}\0`)
      return ''
    }
  }
  const secrets = listed(input).flatMap((file) => referencedFiles(take(file)))
  for (const file of secrets) take(file)
  return { hash: hash.digest('hex'), folders: [...folders] }
}

function listed(input: ConfigInput): readonly string[] {
  try {
    return filesOf(input)
  } catch {
    return [] // The directory is gone: reading the configuration tells the user.
  }
}

/** Watches a set of folders; one that is made anew in the place of another is another. */
class FolderWatch {
  readonly #onNews: () => void
  readonly #log: Log
  readonly #watchers = new Map<string, FSWatcher>()
  #hasFailed = false

  constructor(onNews: () => void, log: Log) {
    this.#onNews = onNews
    this.#log = log
  }

  /** These and no others, from now on. Those that cannot be watched are left to the looks that need no news. */
  watch(folders: readonly string[]): void {
    const wanted = new Map(folders.map((folder) => [identityOf(folder), folder]))
    for (const [identity, watcher] of this.#watchers) if (!wanted.has(identity)) this.#close(identity, watcher)
    for (const [identity, folder] of wanted) {
      if (this.#watchers.has(identity)) continue
      try {
        const watcher = watch(folder, () => this.#onNews())
        this.#watchers.set(identity, watcher)
        watcher.on('error', (error) => {
          this.#close(identity, watcher)
          this.#failed(folder, error)
        })
      } catch (error) {
        if (codeOf(error) !== 'ENOENT') this.#failed(folder, error)
      }
    }
  }

  #close(identity: string, watcher: FSWatcher): void {
    watcher.close()
    this.#watchers.delete(identity)
  }

  #failed(folder: string, error: unknown): void {
    if (!this.#hasFailed)
      this.#log.warn(
        { folder, ...explanationOf(error), everySeconds: lookMs / 1000 },
        'there are no news of changes in a folder of the configuration; its files are looked at now and then',
      )
    this.#hasFailed = true
  }
}

/** The system says "too many open files" and "no space left": of inotify(7) both mean something else. */
const exhausted: Readonly<Record<string, { readonly error: string; readonly hint: string }>> = {
  EMFILE: {
    error: 'all inotify instances of this user, or all open files of this process, are in use (EMFILE)',
    hint: 'raise fs.inotify.max_user_instances with sysctl, or the limit on open files; until then the files are looked at, which is slower',
  },
  ENOSPC: {
    error: 'all inotify watches of this user are in use (ENOSPC)',
    hint: 'raise fs.inotify.max_user_watches with sysctl; until then the files are looked at, which is slower',
  },
}

function explanationOf(error: unknown): { readonly error: string; readonly hint?: string } {
  return exhausted[codeOf(error) ?? ''] ?? { error: messageOf(error) }
}

function identityOf(folder: string): string {
  const found = statSync(folder, { throwIfNoEntry: false })
  return found ? `${folder} ${found.dev} ${found.ino}` : folder
}
