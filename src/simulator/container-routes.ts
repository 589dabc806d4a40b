import { formatTimestamp } from '../lib/timestamp.ts'
import { ApiError } from './api-error.ts'
import type { SimulatedContainer } from './container.ts'
import { createBody, specOf } from './container-spec.ts'
import { type Exchange, isFlagSet, readJson, sendJson, sendNothing } from './exchange.ts'
import { hasLabel, matchesAny, parseFilters } from './filters.ts'
import type { Time } from './log-reader.ts'
import { parseSignal } from './process.ts'

export async function create(exchange: Exchange): Promise<void> {
  const { engine, request, query } = exchange
  const spec = specOf(createBody.parse(await readJson(request)))
  const { id } = engine.create(spec, query.get('name')?.replace(/^\//, ''))
  sendJson(exchange, 201, { Id: id, Warnings: [] })
}

export function start(exchange: Exchange): void {
  sendNothing(exchange, found(exchange).start() ? 204 : 304)
}

export async function stop(exchange: Exchange): Promise<void> {
  const isStopped = await found(exchange).stop(graceMs(exchange), exchange.signal)
  sendNothing(exchange, isStopped ? 204 : 304)
}

export function kill(exchange: Exchange): void {
  const name = exchange.query.get('signal') ?? 'KILL'
  const signal = parseSignal(name)
  if (signal === undefined) throw new ApiError(400, `Invalid signal: ${name}`)
  found(exchange).kill(signal)
  sendNothing(exchange, 204)
}

export async function restart(exchange: Exchange): Promise<void> {
  await found(exchange).restart(graceMs(exchange), exchange.signal)
  sendNothing(exchange, 204)
}

export function pause(exchange: Exchange): void {
  found(exchange).pause()
  sendNothing(exchange, 204)
}

export function unpause(exchange: Exchange): void {
  found(exchange).unpause()
  sendNothing(exchange, 204)
}

export function rename(exchange: Exchange): void {
  const { engine, query } = exchange
  const container = found(exchange)
  const oldName = container.name
  engine.containers.rename(container, (query.get('name') ?? '').replace(/^\//, ''))
  engine.emit(container, 'rename', { oldName: `/${oldName}` })
  sendNothing(exchange, 204)
}

export function remove(exchange: Exchange): void {
  found(exchange).remove({ isForced: isFlagSet(exchange.query, 'force') })
  sendNothing(exchange, 204)
}

export async function wait(exchange: Exchange): Promise<void> {
  const { query, response, signal } = exchange
  const container = found(exchange)
  const isNow = (query.get('condition') || 'not-running') === 'not-running' && !container.isAlive
  response.writeHead(200, { 'Content-Type': 'application/json' })
  response.flushHeaders()
  const code = isNow ? container.exitCode : await nextExit(container, signal)
  response.end(`${JSON.stringify({ StatusCode: code, Error: null })}\n`)
}

function nextExit(container: SimulatedContainer, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const listening = container.onExit((code) => {
      listening[Symbol.dispose]()
      signal.removeEventListener('abort', onAbort)
      resolve(code)
    })
    const onAbort = () => {
      listening[Symbol.dispose]()
      reject(signal.reason as Error)
    }
    signal.addEventListener('abort', onAbort, { once: true })
  })
}

const listFilters = ['id', 'label', 'name', 'status']

export function list(exchange: Exchange): void {
  const { engine, query } = exchange
  const filters = parseFilters(query.get('filters'), engine.flavor.malformedFilterStatus)
  for (const key of filters.keys()) if (!listFilters.includes(key)) throw new ApiError(400, `invalid filter '${key}'`)
  const isAll = isFlagSet(query, 'all') || filters.has('status')
  const wanted = [...engine.containers].filter(
    (container) =>
      (isAll || container.isAlive) &&
      matchesAny(filters, 'id', (id) => container.id.startsWith(id)) &&
      matchesAny(filters, 'name', (name) => new RegExp(name).test(`/${container.name}`) || container.name === name) &&
      matchesAny(filters, 'status', (status) => container.status === status) &&
      (filters.get('label') ?? []).every((label) => hasLabel(container.spec.labels, label)),
  )
  sendJson(exchange, 200, wanted.reverse().map(summaryOf))
}

function summaryOf(container: SimulatedContainer) {
  const { spec, status, exitCode } = container
  return {
    Id: container.id,
    Names: [`/${container.name}`],
    Image: spec.image,
    ImageID: imageId,
    Command: spec.command.join(' '),
    Created: container.createdAt.seconds,
    Labels: spec.labels,
    State: status,
    Status: status === 'exited' ? `Exited (${exitCode})` : status === 'created' ? 'Created' : 'Up',
    HostConfig: { NetworkMode: 'none' },
    NetworkSettings: { Networks: {} },
    Mounts: [],
  }
}

const imageId = `sha256:${'0123456789abcdef'.repeat(4)}`

export function inspect(exchange: Exchange): void {
  const { engine } = exchange
  const container = found(exchange)
  const { id, name, spec, status } = container
  sendJson(exchange, 200, {
    Id: id,
    Created: timeText(container.createdAt),
    Name: `/${name}`,
    Image: imageId,
    State: {
      Status: status,
      Running: container.isAlive || status === 'restarting',
      Paused: status === 'paused',
      Restarting: status === 'restarting',
      OOMKilled: false,
      Dead: false,
      ExitCode: container.exitCode,
      StartedAt: timeText(container.startedAt),
      FinishedAt: timeText(container.finishedAt),
    },
    RestartCount: container.restartCount,
    LogPath: spec.log.driver === 'json-file' ? logPathOf(engine.rootFolder ?? '/var/lib/docker', id) : '',
    Config: {
      Image: spec.image,
      Cmd: spec.command,
      Tty: spec.isTty,
      Env: spec.environment,
      Labels: spec.labels,
    },
    HostConfig: {
      LogConfig: { Type: spec.log.driver, Config: spec.log.options },
      AutoRemove: spec.isAutoRemoved,
      RestartPolicy: { Name: spec.restart.name, MaximumRetryCount: spec.restart.maxRetries },
      NetworkMode: 'none',
    },
  })
}

function logPathOf(rootFolder: string, id: string): string {
  return `${rootFolder}/containers/${id}/${id}-json.log`
}

/** As Go writes it: trailing zeros cut, and the zero time for never. */
function timeText(time: Time | undefined): string {
  if (!time) return '0001-01-01T00:00:00Z'
  return formatTimestamp(time.seconds, time.nanos).replace(/\.?0*Z$/, 'Z')
}

function found({ engine, reference }: Exchange): SimulatedContainer {
  return engine.containers.get(reference)
}

function graceMs({ query }: Exchange): number {
  const seconds = Number(query.get('t') ?? 10)
  return seconds < 0 ? 2 ** 31 - 1 : seconds * 1000
}
