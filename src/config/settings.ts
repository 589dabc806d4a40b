import { z } from 'zod'
import { bytes } from '../component/options.ts'
import { apiSettings } from './api-settings.ts'
import { telemetrySettings } from './telemetry-settings.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type OwnLogLevel = (typeof logLevels)[number]

/** The keys of the document beside the components. */
export const settings = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('./state')
    .meta({ description: 'Folder for everything that must outlive a restart, relative to the working directory.' }),
  api: apiSettings.prefault({}).meta({ description: 'The HTTP server of the collector.' }),
  dead_letters: z
    .strictObject({
      max_bytes: bytes()
        .prefault('256MiB')
        .meta({
          description:
            'Disk, below `data_dir`, for lines that destinations refuse for good. When it is full the oldest are dropped, and counted.',
          examples: ['1GiB'],
        }),
    })
    .prefault({})
    .meta({ description: 'What is kept of lines that no sink can deliver, see `log-capturer dlq`.' }),
  telemetry: telemetrySettings
    .prefault({})
    .meta({ description: 'What the collector tells of itself beside `/metrics`, see docs/traces.md.' }),
  log: z
    .strictObject({
      level: z.enum(logLevels).default('info').meta({ description: 'The least important messages to be written.' }),
    })
    .prefault({})
    .meta({ description: "The collector's own log, on standard error." }),
})
