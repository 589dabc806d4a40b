import { z } from 'zod'
import { parseBytes } from '../lib/units.ts'
import type { RotationOptions } from './container-log.ts'

/** The part of a create request that the simulated engine understands. */
export const createBody = z.object({
  Image: z.string().min(1),
  Cmd: z.array(z.string()).nullish(),
  Tty: z.boolean().nullish(),
  Env: z.array(z.string()).nullish(),
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().nullish(),
  HostConfig: z
    .object({
      AutoRemove: z.boolean().nullish(),
      RestartPolicy: z
        .object({
          Name: z.enum(['', 'no', 'always', 'unless-stopped', 'on-failure']),
          MaximumRetryCount: z.number().int().min(0).nullish(),
        })
        .nullish(),
      LogConfig: z.object({ Type: z.string(), Config: z.record(z.string(), z.string()).nullish() }).nullish(),
    })
    .nullish(),
})

export interface ContainerSpec {
  readonly image: string
  readonly command: readonly string[]
  readonly isTty: boolean
  readonly environment: readonly string[]
  readonly labels: Readonly<Record<string, string>>
  readonly isAutoRemoved: boolean
  readonly stopSignal: string
  readonly restart: RestartPolicy
  readonly log: LogConfig
}

export interface RestartPolicy {
  readonly name: 'no' | 'always' | 'unless-stopped' | 'on-failure'
  /** Of `on-failure`; 0: without end. */
  readonly maxRetries: number
}

export interface LogConfig {
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
}

export function specOf(body: z.output<typeof createBody>): ContainerSpec {
  const { RestartPolicy: restart, LogConfig: log, AutoRemove: isAutoRemoved } = body.HostConfig ?? {}
  return {
    image: body.Image,
    command: body.Cmd ?? [],
    isTty: body.Tty ?? false,
    environment: body.Env ?? [],
    labels: body.Labels ?? {},
    isAutoRemoved: isAutoRemoved ?? false,
    stopSignal: body.StopSignal ?? 'TERM',
    restart: { name: restart?.Name || 'no', maxRetries: restart?.MaximumRetryCount ?? 0 },
    log: { driver: log?.Type || 'json-file', options: log?.Config ?? {} },
  }
}

/** Drivers whose log the engine itself can give back; the remote ones through the engine's cache. */
export function isReadable(log: LogConfig): boolean {
  if (log.driver === 'none') return false
  if (log.driver === 'json-file' || log.driver === 'local') return true
  return log.options['cache-disabled'] !== 'true'
}

/** Whether the log is in the format of the driver `local`: its own, or the cache of a remote driver. */
export function isLocalFormat(log: LogConfig): boolean {
  return log.driver !== 'json-file'
}

export function rotationOf(log: LogConfig): RotationOptions {
  const size = log.options['max-size'] ?? (isLocalFormat(log) ? '20m' : undefined)
  const files = Number(log.options['max-file'] ?? (isLocalFormat(log) ? 5 : 1))
  return { maxFileBytes: size === undefined ? undefined : parseSize(size), maxFiles: files }
}

/** `10k`, `1m`, `1g` as the log drivers take them: powers of 1000 for none, of 1024 for the letters. */
function parseSize(text: string): number | undefined {
  const match = /^(\d+)([kmg]?)b?$/i.exec(text)
  return match ? parseBytes(`${match[1]!}${match[2] ? `${match[2].toUpperCase()}iB` : ''}`) : undefined
}

/** What `details=1` shows between timestamp and text: the labels and variables that the log driver was told to add. */
export function detailsOf(spec: ContainerSpec): string {
  const chosen: [string, string][] = []
  for (const name of spec.log.options['labels']?.split(',') ?? []) {
    const value = spec.labels[name]
    if (value !== undefined) chosen.push([name, value])
  }
  for (const name of spec.log.options['env']?.split(',') ?? []) {
    const variable = spec.environment.find((entry) => entry.startsWith(`${name}=`))
    if (variable !== undefined) chosen.push([name, variable.slice(name.length + 1)])
  }
  chosen.sort(([a], [b]) => (a < b ? -1 : 1))
  return chosen.map(([name, value]) => `${queryEscape(name)}=${queryEscape(value)}`).join(',')
}

/** As Go's `url.QueryEscape` does it. */
function queryEscape(text: string): string {
  return encodeURIComponent(text)
    .replaceAll('%20', '+')
    .replace(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}
