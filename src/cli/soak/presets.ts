import type { CriteriaFile } from '../../soak/read-criteria.ts'

export interface Preset {
  readonly seconds?: number
  readonly everySeconds?: number
  readonly operations?: number
  readonly criteria?: CriteriaFile
  readonly leastReuse?: number
}

export const presets = {
  'predecessor-30min': {
    what: "30 minutes, a reading every two, and the criteria of the predecessor's own soak test",
    seconds: 1_800,
    everySeconds: 120,
    operations: 200,
    leastReuse: 0.8,
    criteria: {
      alpha: 0.01,
      resources: {
        handles: { below: '10/min', kind: 'count' },
        descriptors: { below: '5/min', kind: 'count' },
      },
    },
  },
} as const satisfies Record<string, Preset & { readonly what: string }>

export const presetNames = Object.keys(presets) as readonly (keyof typeof presets)[]
