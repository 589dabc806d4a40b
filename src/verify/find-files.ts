import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { codeOf, messageOf } from '../lib/error.ts'
import { VerifyError } from './verify-error.ts'

/** A file of a destination, and what its path says of the lines in it. */
export interface FoundFile {
  readonly path: string
  readonly inode: number
  readonly says: Readonly<Record<string, string>>
}

/** `NAME.20261123T124858Z.2` as the file sink puts files aside, `NAME.3` and `NAME-20261123` as logrotate does. */
const ownRotated = /^(.*)\.(\d{8}T\d{6}Z)\.(\d+)$/
const numbered = /^(.*)\.(\d{1,4})$/
const dated = /^(.*)-(\d{8,14})$/

/**
 * The files that a pattern means, in the order in which they were written: those put aside first, compressed or not. The pattern is a folder, or
 * a path with `*`, `?` and the file sink's placeholders. @throws VerifyError when there is none
 */
export async function findFiles(pattern: string): Promise<FoundFile[]> {
  const full = resolve(pattern)
  const isFolder = await stat(full).then(
    (found) => found.isDirectory(),
    () => false,
  )
  const parts = (isFolder ? join(full, '**') : full).split('/')
  const firstVariable = parts.findIndex((part) => /[*?{]/.test(part))
  const root = firstVariable < 0 ? dirname(full) : parts.slice(0, firstVariable).join('/') || '/'
  const matches = matcherOf(isFolder ? join(full, '**') : full)
  const found: (FoundFile & { readonly place: Place })[] = []
  const paths = await filesBelow(root)
  const all = new Set(paths)
  for (const path of paths) {
    // Just being compressed: the whole of it is there in one of the two forms.
    if (path.endsWith('.part') || all.has(`${path}.gz`) || all.has(`${path}.zst`)) continue
    const place = placeOf(path)
    const says = matches(place.base) ?? matches(path.replace(/\.(gz|zst)$/, ''))
    if (!says) continue
    const inode = await inodeOf(path)
    // Put aside or compressed in this moment: whoever reads looks again afterwards.
    if (inode !== undefined) found.push({ path, inode, says, place })
  }
  if (found.length === 0)
    throw new VerifyError(`no file matches ${pattern}`, { hint: 'name a folder, a file, or a pattern in quotes' })
  found.sort((a, b) => comparePlaces(a.place, b.place))
  return found.map(({ path, inode, says }) => ({ path, inode, says }))
}

interface Place {
  /** The path that was written to. */
  readonly base: string
  /** Ascending in time, as text; the file in use is last. */
  readonly order: string
}

function placeOf(path: string): Place {
  const name = path.replace(/\.(gz|zst)$/, '')
  const own = ownRotated.exec(name)
  if (own) return { base: own[1]!, order: `1${own[2]!}${own[3]!.padStart(12, '0')}` }
  const old = numbered.exec(name)
  // logrotate's higher numbers are older.
  if (old && basename(old[1]!) !== '')
    return { base: old[1]!, order: `0${String(9_999 - Number(old[2]!)).padStart(4, '0')}` }
  const day = dated.exec(name)
  if (day) return { base: day[1]!, order: `1${day[2]!}` }
  return { base: name, order: '2' }
}

function comparePlaces(a: Place, b: Place): number {
  if (a.base !== b.base) return a.base < b.base ? -1 : 1
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0
}

/** What a path says when the pattern matches it: the placeholders' texts. */
function matcherOf(pattern: string): (path: string) => Record<string, string> | undefined {
  const names: string[] = []
  const source = pattern.replace(/\{([^{}]*)\}|\*\*|\*|\?|[.+^$()|[\]\\{}]/g, (whole, name: string | undefined) => {
    if (name !== undefined) {
      const earlier = names.indexOf(name)
      if (earlier >= 0) return `\\${earlier + 1}`
      names.push(name)
      return name === 'stream' ? '(stdout|stderr)' : '([^/]+)'
    }
    if (whole === '**') return '.*'
    if (whole === '*') return '[^/]*'
    if (whole === '?') return '[^/]'
    return `\\${whole}`
  })
  const expression = new RegExp(`^${source}$`)
  return (path) => {
    const match = expression.exec(path)
    return match ? Object.fromEntries(names.map((name, i) => [name, match[i + 1]!])) : undefined
  }
}

async function inodeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).ino
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined
    throw new VerifyError(`${path} cannot be read: ${messageOf(error)}`, { cause: error })
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  let entries
  try {
    entries = await readdir(folder, { withFileTypes: true })
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw new VerifyError(`${folder} cannot be read`, { cause: error })
  }
  const found: string[] = []
  for (const entry of entries) {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) found.push(...(await filesBelow(path)))
    else if (entry.isFile()) found.push(path)
  }
  return found
}
