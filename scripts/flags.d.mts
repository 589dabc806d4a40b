import type { ParseArgsConfig, parseArgs } from 'node:util'

export function flagsOf<Options extends NonNullable<ParseArgsConfig['options']>>(
  command: string,
  options: Options,
): ReturnType<typeof parseArgs<{ options: Options }>>['values']
