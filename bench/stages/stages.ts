import { reading } from './reading.ts'
import { sending } from './sending.ts'
import { shaping } from './shaping/shaping.ts'
import type { Stage } from './stage.ts'

export const stages: readonly Stage[] = [...reading, ...shaping, ...sending]
