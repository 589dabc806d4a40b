/** The parts of the engine's answers that we need; every other field is passed over, so that new engines and Podman fit, too. */
import { z } from 'zod'

const labels = z.record(z.string(), z.string()).nullish()

export const version = z.object({
  Version: z.string().optional(),
  ApiVersion: z.string(),
  MinAPIVersion: z.string().optional(),
})

export const info = z.object({
  ID: z.string().optional(),
  Name: z.string().optional(),
  DockerRootDir: z.string().optional(),
})

export const containerList = z.array(
  z.object({
    Id: z.string(),
    Names: z.array(z.string()).nullish(),
    Image: z.string().optional(),
    Labels: labels,
    State: z.string().optional(),
    Created: z.number().optional(),
  }),
)
export type ListedContainer = z.output<typeof containerList>[number]

export const container = z.object({
  Id: z.string(),
  Name: z.string(),
  Created: z.string().optional(),
  Config: z.object({ Image: z.string().optional(), Tty: z.boolean().optional(), Labels: labels }),
  HostConfig: z
    .object({
      AutoRemove: z.boolean().nullish(),
      LogConfig: z.object({ Type: z.string().optional(), Config: labels }).nullish(),
    })
    .nullish(),
  State: z.object({
    Running: z.boolean().optional(),
    Status: z.string().optional(),
    StartedAt: z.string().optional(),
    FinishedAt: z.string().optional(),
  }),
})
export type InspectedContainer = z.output<typeof container>

export const event = z.object({
  Type: z.string(),
  Action: z.string(),
  Actor: z.object({ ID: z.string(), Attributes: labels }),
  timeNano: z.number().optional(),
})
export type EngineEvent = z.output<typeof event>
