import { z } from 'zod'
import { listen } from './listen.ts'

const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type OwnLogLevel = (typeof logLevels)[number]

/** The keys of the document beside the components. */
export const settings = z.strictObject({
  data_dir: z
    .string()
    .min(1)
    .default('./state')
    .meta({ description: 'Folder for everything that must outlive a restart, relative to the working directory.' }),
  api: z
    .strictObject({
      listen: listen()
        .prefault('127.0.0.1:8401')
        .meta({ description: 'Address of the web page, the API, `/metrics` and `/health`; `off` for none.' }),
    })
    .prefault({})
    .meta({ description: 'The HTTP server of the collector.' }),
  log: z
    .strictObject({
      level: z.enum(logLevels).default('info').meta({ description: 'The least important messages to be written.' }),
    })
    .prefault({})
    .meta({ description: "The collector's own log, on standard error." }),
})
