import type { Containers, Overview, Sinks } from '../../api/v1/schemas.ts'
import { formatBytes, formatDuration } from '../../lib/units.ts'
import { visibleText } from '../../lib/visible-text.ts'
import { numberText, speedText, tableLines } from '../table.ts'

/** A collector as a whole, in a few lines. */
export function overviewLines(overview: Overview): readonly string[] {
  const { lines, bytes, queue, streams, process: own, watch } = overview
  const uptime = formatDuration(Math.floor(overview.uptimeSeconds) * 1_000)
  const limit = own.descriptors.limit === null ? '' : ` of ${numberText(own.descriptors.limit)}`
  const rows = [
    ['version', `${overview.version}, up ${uptime}, ${overview.status.toUpperCase()}`],
    ...overview.reasons.map((reason) => ['', visibleText(reason)]),
    ...overview.engines.map(({ source, isConnected, detail }) => [
      'engine',
      visibleText(`${source}: ${isConnected ? '' : 'NOT CONNECTED: '}${detail}`),
    ]),
    [
      'in',
      `${numberText(lines.in.total)} lines, ${speedText(lines.in.perSecond)}, ${speedText(bytes.in.perSecond, formatBytes)}`,
    ],
    [
      'out',
      `${numberText(lines.out.total)} lines, ${speedText(lines.out.perSecond)}, ${speedText(bytes.out.perSecond, formatBytes)}`,
    ],
    [
      'lag',
      `${overview.lagSeconds.toFixed(1)} s, fullest queue ${percent(queue.fill)}, ${formatBytes(queue.memoryBytes + queue.diskBytes)} waiting`,
    ],
    [
      'streams',
      `${numberText(streams.active)} active, ${numberText(streams.opened)} opened, ${numberText(streams.closed)} closed`,
    ],
    ['logs', stateCounts(overview.containers)],
    [
      'process',
      `${numberText(own.descriptors.open ?? 0)}${limit} descriptors, ${formatBytes(own.residentBytes)} resident, ${cores(own.cpuSeconds.perSecond)}`,
    ],
    ['watch', watch.outcome.replaceAll('_', ' ')],
  ]
  return rows.map(([name, text]) => `${name!.padEnd(8)} ${text!}`.trimEnd())
}

function stateCounts(containers: Overview['containers']): string {
  const some = Object.entries(containers).filter(([, count]) => count > 0)
  return some.length === 0
    ? 'no containers'
    : some.map(([state, count]) => `${count} ${state.replaceAll('_', ' ')}`).join(', ')
}

export function sinkLines({ sinks }: Sinks): readonly string[] {
  const rows = sinks.map(({ id, type, lines, bytes, rejected, queue, lagSeconds, trouble }) => [
    visibleText(id),
    type,
    numberText(lines.total),
    speedText(lines.perSecond),
    speedText(bytes.perSecond, formatBytes),
    numberText(rejected.total),
    formatBytes(queue.memoryBytes + queue.diskBytes),
    percent(fillOf(queue)),
    `${lagSeconds.toFixed(1)} s`,
    visibleText(trouble ?? ''),
  ])
  return tableLines(
    ['SINK', 'TYPE', 'LINES>', 'LINES/S>', 'BYTES/S>', 'REFUSED>', 'WAITING>', 'FULL>', 'LAG>', 'TROUBLE'],
    rows,
  )
}

/** The busiest first; those that cannot be read before all others. */
export function containerLines({ containers }: Containers, most: number): readonly string[] {
  const collected = containers.filter(({ state }) => state !== 'left_out')
  const sorted = [...collected].sort(
    (a, b) =>
      Number(b.state === 'unreadable') - Number(a.state === 'unreadable') ||
      (b.lines.perSecond ?? 0) - (a.lines.perSecond ?? 0) ||
      b.lines.total - a.lines.total ||
      (a.name < b.name ? -1 : 1),
  )
  const rows = sorted.slice(0, most).map(({ name, state, reader, lines, bytes, lagSeconds, gaps, reason }) => [
    visibleText(name),
    state.replaceAll('_', ' '),
    reader ?? '-',
    numberText(lines.total),
    speedText(lines.perSecond),
    speedText(bytes.perSecond, formatBytes),
    lagSeconds === null ? '-' : `${lagSeconds.toFixed(1)} s`,
    String(gaps),
    // Without what was asked for, which is as long as it is useless here.
    visibleText(reason?.replace(/^GET \S+: /, '') ?? ''),
  ])
  const hidden = sorted.length - rows.length
  return [
    ...tableLines(['CONTAINER', 'STATE', 'BY', 'LINES>', 'LINES/S>', 'BYTES/S>', 'LAG>', 'GAPS>', 'WHY NOT'], rows),
    ...(hidden > 0 ? [`and ${hidden} more`] : []),
  ]
}

function fillOf(queue: Sinks['sinks'][number]['queue']): number {
  const limit = queue.memoryLimitBytes + queue.diskLimitBytes
  return limit === 0 ? 0 : (queue.memoryBytes + queue.diskBytes) / limit
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`
}

function cores(perSecond: number | null): string {
  return perSecond === null ? 'processor -' : `${percent(perSecond)} of a core`
}
