import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { resolve } from 'node:path'
import { stringify } from 'yaml'
import { secretsOf, withoutSecretTexts } from '../config/secret-texts.ts'
import { shownConfig } from '../config/shown-config.ts'
import { LogCapturerError } from '../lib/error.ts'
import type { TarFile } from '../lib/tar.ts'
import { holderOf } from '../state/data-dir-lock.ts'
import type { CollectorClient } from './client/collector-client.ts'
import { examineAll } from './doctor/examine.ts'
import { type CollectorConfig, registries } from './registries.ts'
import { version } from './version.ts'

export interface BundleOptions {
  readonly config: CollectorConfig
  /** The collector that is asked; undefined: it cannot be, as the configuration says. */
  readonly client: CollectorClient | undefined
  readonly signal: AbortSignal
}

export interface Bundle {
  readonly files: readonly TarFile[]
  /** What could not be had, and why, a sentence each. */
  readonly missing: readonly string[]
}

/** What is asked of the running collector, by the name of the file that it goes into. */
const questions = {
  'metrics.txt': '/metrics',
  'health.json': '/health',
  'overview.json': '/api/v1/overview',
  'containers.json': '/api/v1/containers',
  'pipeline.json': '/api/v1/pipeline',
  'sinks.json': '/api/v1/sinks',
  'watch.json': '/api/v1/watch',
  'configuration-in-force.json': '/api/v1/configuration',
  'diagnostics.json': '/api/v1/diagnostics',
} as const

/** All that a report of a defect needs, without secrets of the configuration. Nothing is changed; a collector that does not run leaves less to tell. */
export async function supportBundle({ config, client, signal }: BundleOptions): Promise<Bundle> {
  const secrets = secretsOf(config, registries)
  const files: TarFile[] = []
  const missing: string[] = []
  const add = (name: string, text: string) =>
    files.push({ name: `log-capturer-support/${name}`, text: withoutSecretTexts(text, secrets) })
  add('configuration.yaml', stringify(shownConfig(config, registries)))
  add('doctor.json', JSON.stringify(await examineAll(config, signal), null, 2))
  for (const [name, path] of Object.entries(questions)) {
    if (!client) break
    try {
      add(name, await client.text(path, signal))
    } catch (error) {
      signal.throwIfAborted()
      if (!(error instanceof LogCapturerError)) throw error
      missing.push(`${name}: ${error.message}`)
    }
  }
  if (!client) missing.push('everything of the running collector: api.listen names no port')
  const processId = await holderOf(resolve(config.dataDir))
  const limits =
    processId === undefined ? undefined : await readFile(`/proc/${processId}/limits`, 'utf8').catch(() => undefined)
  if (limits !== undefined) add('limits.txt', limits)
  const made = {
    madeAt: new Date().toISOString(),
    version,
    node: process.version,
    system: `${process.platform} ${release()} ${process.arch}`,
    processId,
    files: files.map(({ name }) => name),
    missing,
  }
  add('manifest.json', JSON.stringify(made, null, 2))
  return { files, missing }
}
