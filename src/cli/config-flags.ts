import { existsSync } from 'node:fs'
import { text as readAll } from 'node:stream/consumers'
import type { Command } from 'commander'
import type { ConfigInput } from '../config/input.ts'
import { LogCapturerError } from '../lib/error.ts'
import { flag } from './flag.ts'

/** Two ways of naming the configuration that cannot go together. */
export class ConfigFlagsError extends LogCapturerError {
  readonly code = 'CONFIG_FLAGS'
}

export interface ConfigFlags {
  readonly config?: readonly [string, ...string[]] | undefined
  readonly configDir?: string | undefined
}

const usualFiles = ['./log-capturer.yaml', '/etc/log-capturer/log-capturer.yaml']

export function addConfigFlags(command: Command): Command {
  return command
    .addOption(
      flag(
        '-c, --config <file>',
        `a configuration file, - for standard input; may be repeated (without: ${usualFiles.join(', then ')}, then every container to files)`,
      ).argParser((file: string, earlier: readonly string[] | undefined) => [...(earlier ?? []), file]),
    )
    .addOption(flag('--config-dir <folder>', 'all *.yaml and *.yml of a folder, together'))
    .hook('preAction', preferCommandLine)
}

/** Of two that exclude each other the one on the command line counts, not the one in the environment. */
function preferCommandLine(command: Command): void {
  for (const [one, other] of [
    ['config', 'configDir'],
    ['configDir', 'config'],
  ] as const) {
    const isOverruled = command.getOptionValueSource(one) === 'env' && command.getOptionValueSource(other) === 'cli'
    if (isOverruled) command.setOptionValue(one, undefined)
  }
}

export interface FoundConfig {
  readonly input: ConfigInput
  /** For messages. */
  readonly shown: string
}

/** What the flags name; without flags the usual files, then the default. Standard input is read to its end. */
export async function findConfig({ config, configDir }: ConfigFlags): Promise<FoundConfig> {
  if (configDir !== undefined) {
    if (config) throw new ConfigFlagsError('--config and --config-dir cannot go together', { hint: oneOnly })
    return { input: { kind: 'directory', directory: configDir }, shown: configDir }
  }
  if (config?.includes('-')) {
    if (config.length > 1) throw new ConfigFlagsError('standard input cannot go with other files', { hint: oneOnly })
    return { input: { kind: 'text', text: await readAll(process.stdin), name: '<stdin>' }, shown: '<stdin>' }
  }
  if (config) return { input: { kind: 'files', files: config }, shown: config.join(', ') }
  const usual = usualFiles.find((file) => existsSync(file))
  if (usual !== undefined) return { input: { kind: 'files', files: [usual] }, shown: usual }
  return { input: { kind: 'none', dataDir: './state' }, shown: 'the default configuration' }
}

const oneOnly = 'give one of them, on the command line or in the environment'
