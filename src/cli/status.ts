import type { CollectorSnapshot } from '../app/snapshot.ts'
import { formatBytes } from '../lib/units.ts'
import { watchLine } from './watch-lines.ts'

/** A snapshot and when it was taken: two of them make a rate. */
export interface Moment {
  readonly snapshot: CollectorSnapshot
  /** By `performance.now()`. */
  readonly atMs: number
}

/** The state of a collector for a terminal: a few lines of text, the same number as long as the configuration is the same. */
export function statusLines(now: Moment, before: Moment): readonly string[] {
  const { snapshot } = now
  const { lines, bytes } = rates(now, before)
  const engines = snapshot.engines.map(({ id, isConnected, detail }) =>
    isConnected ? ['engine', `${id}: ${detail}`] : ['engine', `${id}: NOT CONNECTED: ${detail}`],
  )
  const sinks = Object.entries(snapshot.linesOut).map(([id, count]) => ['out', `${number(count)} lines to ${id}`])
  const rows = [
    ...engines,
    ['in', `${number(snapshot.linesIn)} lines, ${formatBytes(snapshot.bytesIn)}`],
    ...sinks,
    ['rate', `${number(lines)} lines/s, ${formatBytes(bytes)}/s`],
    ['lag', `${snapshot.lagSeconds.toFixed(1)} s, ${formatBytes(snapshot.queuedBytes)} waiting`],
    ['streams', streamsText(snapshot)],
    ['pool', `${number(snapshot.poolActive)} connections active, ${number(snapshot.poolIdle)} idle`],
    ['watch', watchLine(snapshot.watch)],
  ]
  return rows.map(([name, text]) => `${name!.padEnd(8)} ${text!}`)
}

/** The same in one line, for a log. */
export function statusLine(now: Moment, before: Moment): string {
  const { snapshot } = now
  const { lines, bytes } = rates(now, before)
  const away = snapshot.engines.filter(({ isConnected }) => !isConnected).map(({ id }) => `${id} not connected`)
  const leaks = snapshot.watch.outcome === 'leak' ? [watchLine(snapshot.watch)] : []
  return [
    ...away,
    ...leaks,
    `${number(snapshot.streamsActive)} streams`,
    `${number(lines)} lines/s`,
    `${formatBytes(bytes)}/s`,
    `${number(snapshot.linesIn)} lines in`,
    `${number(linesOut(snapshot))} lines out`,
    `lag ${snapshot.lagSeconds.toFixed(1)} s`,
    `pool ${number(snapshot.poolActive)} active ${number(snapshot.poolIdle)} idle`,
  ].join(', ')
}

/** What it came to, in the end. */
export function totalsLine(snapshot: CollectorSnapshot): string {
  return [
    `${number(snapshot.linesIn)} lines in`,
    `${number(linesOut(snapshot))} lines out`,
    `${number(snapshot.streamsOpened)} streams opened`,
    `${number(snapshot.streamsClosed)} streams closed`,
  ].join(', ')
}

function streamsText({ streamsActive, streamsOpened, streamsClosed }: CollectorSnapshot): string {
  return `${number(streamsActive)} active, ${number(streamsOpened)} opened, ${number(streamsClosed)} closed`
}

function linesOut(snapshot: CollectorSnapshot): number {
  return Object.values(snapshot.linesOut).reduce((sum, count) => sum + count, 0)
}

/** Per second; never negative: a reload may begin the counts anew. */
function rates(now: Moment, before: Moment): { lines: number; bytes: number } {
  const seconds = (now.atMs - before.atMs) / 1000
  if (seconds <= 0) return { lines: 0, bytes: 0 }
  const perSecond = (from: number, to: number) => Math.max(0, Math.round((to - from) / seconds))
  return {
    lines: perSecond(before.snapshot.linesIn, now.snapshot.linesIn),
    bytes: perSecond(before.snapshot.bytesIn, now.snapshot.bytesIn),
  }
}

/** `1,234,567`. */
function number(value: number): string {
  return value.toLocaleString('en-US')
}
