import type { Conversion, SourceFile } from './conversion.ts'
import { convertFluentBit } from './fluent-bit/fluent-bit.ts'
import { convertPromtail } from './promtail/promtail.ts'
import { convertVector } from './vector/vector.ts'

const converters = {
  promtail: convertPromtail,
  vector: convertVector,
  'fluent-bit': convertFluentBit,
} as const satisfies Record<string, (file: SourceFile) => Conversion>

export type ConvertedSystem = keyof typeof converters
export const convertedSystems = Object.keys(converters) as readonly ConvertedSystem[]

/** The configuration of another collector as one of log-capturer. @throws UnreadableInputError */
export function convert(system: ConvertedSystem, file: SourceFile): Conversion {
  return converters[system](file)
}
