/** Which lines of a push Loki's 400 speaks of. It names streams and times, never positions: they are found by the rule that they broke. */
import type { Batch } from '../../batch/batch.ts'
import { entryNanos, entrySeconds } from './entry-time.ts'
import { flagPairs } from './flag-pairs.ts'
import type { StreamTarget } from './label-sets.ts'
import { sizeOfPairs } from './pairs.ts'
import { linesOf, type Push } from './plan.ts'

export interface Refused {
  readonly lines: ReadonlyMap<string, readonly number[]>
  /** The longest line that the server takes, where it says so. */
  readonly maxLineBytes: number | undefined
}

export function findRefused(body: string, push: Push, batch: Batch): Refused {
  const found = new Map<string, number[]>()
  const seen = new Set<number>()
  const add = (reason: string, lines: readonly number[]) => {
    const fresh = lines.filter((line) => !seen.has(line))
    for (const line of fresh) seen.add(line)
    if (fresh.length > 0) found.set(reason, [...(found.get(reason) ?? []), ...fresh])
  }
  const maxLineBytes = numberIn(body, /Max entry size '?(\d+)'? bytes exceeded/)
  if (maxLineBytes !== undefined)
    add(
      'line too long',
      linesWhere(push, (line) => lengthOf(batch, line) > maxLineBytes),
    )
  addByTime(body, push, batch, add)
  addByMetadata(body, push, batch, add)
  addByLabels(body, push, add)
  addBehind(body, push, batch, add)
  return { lines: found, maxLineBytes }
}

type Add = (reason: string, lines: readonly number[]) => void

/**
 * `2 errors like: entry for stream '{...}' has timestamp too old: 2026-11-17T02:15:58Z, oldest acceptable timestamp is: ...`: the second of each bad
 * entry, and how many there are of it. The limit is one for all streams, so within a second the oldest are bad (too new: the newest).
 */
function addByTime(body: string, push: Push, batch: Batch, add: Add): void {
  const pattern =
    /(?:(\d+) errors like: )?entry for stream '(?:(?!errors like: ).)*?' has timestamp too (old|new): (\d[^\s,;]*)/gs
  const counts = new Map<string, number>()
  for (const [, count, kind, time] of body.matchAll(pattern)) {
    const key = `${kind!} ${Date.parse(time!) / 1_000}`
    counts.set(key, (counts.get(key) ?? 0) + Number(count ?? 1))
  }
  for (const [key, count] of counts) {
    const [kind, second] = key.split(' ')
    const lines = byAge(
      linesWhere(push, (line) => entrySeconds(batch, line) === Number(second)),
      batch,
    )
    add(`timestamp too ${kind!}`, kind === 'old' ? lines.slice(0, count) : lines.slice(-count))
  }
}

function addByMetadata(body: string, push: Push, batch: Batch, add: Add): void {
  const pairsOf = (line: number, target: StreamTarget) => [...target.metadata, ...flagPairs(batch.columns.flags[line]!)]
  const maxBytes = numberIn(body, /structured metadata too large: '\d+' bytes, limit: '(\d+)'/)
  if (maxBytes !== undefined)
    add(
      'structured metadata too large',
      linesWhere(push, (line, target) => sizeOfPairs(pairsOf(line, target)) > maxBytes),
    )
  const maxCount = numberIn(body, /too many structured metadata labels: '\d+', limit: '(\d+)'/)
  if (maxCount !== undefined)
    add(
      'too much structured metadata',
      linesWhere(push, (line, target) => pairsOf(line, target).length > maxCount),
    )
}

function addByLabels(body: string, push: Push, add: Add): void {
  const maxLabels = numberIn(body, /has \d+ label names; limit (\d+)/)
  if (maxLabels !== undefined)
    add(
      'too many labels',
      linesWhere(push, (_, { labelPairs }) => labelPairs.length > maxLabels),
    )
  if (body.includes('label value too long: '))
    add(
      'label value too long',
      linesWhere(push, (_, { labelPairs }) => labelPairs.some(([, value]) => body.includes(`too long: '${value}'`))),
    )
  if (body.includes('label name too long: '))
    add(
      'label name too long',
      linesWhere(push, (_, { labelPairs }) => labelPairs.some(([name]) => body.includes(`too long: '${name}'`))),
    )
  if (body.includes('missing required labels'))
    add('required label missing', push.groups.filter(({ target }) => isNamed(target, body)).flatMap(linesOf))
}

/**
 * `entry with timestamp ... ignored, reason: 'entry too far behind, ...',` up to ten times, then `user 'x', total ignored: 3 out of 8 for stream: {...}`.
 * The window is one for the stream, so the oldest are bad. Entries that have not come so far were too old before.
 */
function addBehind(body: string, push: Push, batch: Batch, add: Add): void {
  if (!/too far behind|out of order/.test(body)) return
  const reason = body.includes('too far behind') ? 'too far behind' : 'out of order'
  const total = /total ignored: (\d+) out of (\d+) for stream: (\{.*\})/s.exec(body)
  const groups =
    push.groups.length === 1 ? push.groups : push.groups.filter(({ target }) => isNamed(target, total?.[3] ?? ''))
  const lines = byAge(groups.flatMap(linesOf), batch)
  if (total) {
    const unseen = total[3]!.includes('__stream_shard__') ? 0 : Math.max(0, lines.length - Number(total[2]))
    add(reason, lines.slice(0, Number(total[1]) + unseen))
    return
  }
  const oldest = /oldest acceptable timestamp is: (\d[^\s,;']*)/.exec(body)
  if (oldest)
    add(
      reason,
      lines.filter((line) => entrySeconds(batch, line) * 1_000 < Date.parse(oldest[1]!)),
    )
}

/** Whether the labels are those in `text`, which Loki may have put in another order and added to. */
function isNamed({ labelPairs }: StreamTarget, text: string): boolean {
  return labelPairs.every(([name, value]) => text.includes(`${name}=${JSON.stringify(value)}`))
}

function linesWhere({ groups }: Push, isWanted: (line: number, target: StreamTarget) => boolean): number[] {
  return groups.flatMap((group) => linesOf(group).filter((line) => isWanted(line, group.target)))
}

function byAge(lines: readonly number[], batch: Batch): number[] {
  return lines.toSorted(
    (a, b) => entrySeconds(batch, a) - entrySeconds(batch, b) || entryNanos(batch, a) - entryNanos(batch, b),
  )
}

function lengthOf({ columns }: Batch, line: number): number {
  return columns.end[line]! - columns.start[line]!
}

function numberIn(body: string, pattern: RegExp): number | undefined {
  const match = pattern.exec(body)
  return match ? Number(match[1]) : undefined
}
