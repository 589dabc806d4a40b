import { resolve } from 'node:path'
import type { z } from 'zod'
import type { Examination, ExaminationContext, Finding } from '../../component/examination.ts'
import type { SinkSpec } from '../../component/sink.ts'
import type { SourceSpec } from '../../component/source.ts'
import { holderOf } from '../../state/data-dir-lock.ts'
import { type CollectorConfig, registries } from '../registries.ts'
import { examineApi } from './api.ts'
import { examineDataDir } from './data-dir.ts'
import { examineLimits } from './limits.ts'
import { examineTransform } from './transforms.ts'

export type { Finding } from '../../component/examination.ts'

/** A finding, and the component that it is of: its place in the configuration; none: the collector as a whole. */
export interface PlacedFinding extends Finding {
  readonly component?: string
}

interface Examinable {
  examine?(options: unknown, context: ExaminationContext): Promise<Examination>
}

const nothing: Examination = { findings: [] }

/** Looks at everything that a collector of this configuration needs. Reads only, and runs beside the collector. Rejects with the signal's reason only. */
export async function examineAll(config: CollectorConfig, signal: AbortSignal): Promise<readonly PlacedFinding[]> {
  const sources = await Promise.all(
    config.sources.map(({ id, type, options }) =>
      examineOne(registries.sources[type] as SourceSpec<string, z.ZodObject>, options, { id, containers: 0, signal }),
    ),
  )
  const containers = sum(sources, 'containers')
  const sinks = await Promise.all(
    config.sinks.map(({ id, type, options }) =>
      examineOne(registries.sinks[type] as SinkSpec<string, z.ZodObject>, options, { id, containers, signal }),
    ),
  )
  const processId = await holderOf(resolve(config.dataDir))
  const all = [...sources, ...sinks]
  const needs = { containers, descriptors: sum(all, 'descriptors'), watches: sum(all, 'watches'), processId }
  return [
    ...sources.flatMap(({ findings }, i) => placed(findings, `sources.${config.sources[i]!.id}`)),
    ...config.transforms.flatMap((one) => placed(examineTransform(one), `transforms.${one.id}`)),
    ...sinks.flatMap(({ findings }, i) => placed(findings, `sinks.${config.sinks[i]!.id}`)),
    await examineDataDir(config, processId),
    ...(await examineApi(config, processId, signal)),
    ...(await examineLimits(needs)),
  ]
}

async function examineOne(spec: Examinable, options: unknown, context: ExaminationContext): Promise<Examination> {
  return (await spec.examine?.(options, context)) ?? nothing
}

function placed(findings: readonly Finding[], component: string): readonly PlacedFinding[] {
  return findings.map((finding) => ({ component, ...finding }))
}

function sum(examinations: readonly Examination[], name: 'containers' | 'descriptors' | 'watches'): number {
  return examinations.reduce((total, one) => total + (one[name] ?? 0), 0)
}
