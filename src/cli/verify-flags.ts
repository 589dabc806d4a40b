import { type Command, InvalidArgumentError, Option } from 'commander'
import { parseTimestamp } from '../lib/timestamp.ts'
import { parseDuration } from '../lib/units.ts'
import { fieldNames, type FieldName, type FieldPaths } from '../verify/record.ts'

interface Time {
  readonly seconds: number
  readonly nanos: number
}

export interface VerifyFlags {
  readonly sink?: string
  readonly engine?: string
  readonly engineFiles?: string | true
  readonly files?: string
  readonly loki?: string
  readonly lokiQuery?: string
  readonly lokiTenant?: string
  readonly lokiUser?: string
  readonly lokiCa?: string
  readonly lokiCert?: string
  readonly lokiKey?: string
  readonly lokiInsecure?: boolean
  readonly containerLabel?: string
  readonly streamLabel?: string
  readonly format: 'auto' | 'ndjson' | 'text'
  readonly field: FieldPaths
  readonly container: readonly string[]
  readonly since?: Time
  readonly until?: Time
  readonly settle: number
  readonly examples: number
}

/** Not with twins in the environment: what is compared with what stands on the command line. */
export function addVerifyFlags(command: Command): Command {
  command
    .option('--sink <id>', 'which sink of the configuration, where it has more than one to compare with')
    .option(
      '--files <pattern>',
      'instead of a configuration: a folder, or a path with *, ? and placeholders, in quotes',
    )
    .option('--loki <url>', 'instead of a configuration: the address of a Loki')
    .option('--engine <host>', 'the engine, for --files and --loki (without: as the docker client finds it)')
    .option(
      '--engine-files [root]',
      "the engine's own log files instead of its API, below its data root (without: /var/lib/docker)",
    )
    .addOption(
      new Option('--format <format>', 'what --files holds, or the lines of --loki')
        .choices(['auto', 'ndjson', 'text'])
        .default('auto', 'auto'),
    )
  return addLokiFlags(command)
    .addOption(
      new Option('--field <name=path>', `where a record has ${fieldNames.join(', ')}; may be repeated`)
        .argParser(parseField)
        .default({}, 'usual names'),
    )
    .addOption(
      new Option('--container <name>', 'only this container, by name or id; may be repeated')
        .argParser((text: string, earlier: readonly string[]) => [...earlier, text])
        .default([], 'all'),
    )
    .addOption(new Option('--since <time>', 'lines from then on: a time, or how long ago (15m)').argParser(parseMoment))
    .addOption(new Option('--until <time>', 'lines up to then').argParser(parseMoment))
    .addOption(
      new Option('--settle <time>', 'younger lines may be on their way').argParser(parseSettle).default(10_000, '10s'),
    )
    .addOption(new Option('--examples <n>', 'of each kind and stream').argParser(parseCount).default(3, '3'))
    .option('--json', 'the verdict as JSON')
}

function addLokiFlags(command: Command): Command {
  return command
    .option(
      '--loki-query <query>',
      'what to read of --loki: \'{job="docker"}\' (without: by the label that names containers)',
    )
    .option('--loki-tenant <name>', 'X-Scope-OrgID for --loki')
    .option(
      '--loki-user <name>',
      'login for --loki; the password is in the environment, LOKI_PASSWORD, or a token instead, LOKI_BEARER_TOKEN',
    )
    .option('--loki-ca <file>', 'PEM file with the authorities for --loki')
    .option('--loki-cert <file>', 'PEM file with a certificate for --loki')
    .option('--loki-key <file>', 'PEM file with its key')
    .option('--loki-insecure', 'do not check the certificate of --loki')
    .option('--container-label <name>', 'the label, or metadata, of Loki that has the name or id of the container')
    .option('--stream-label <name>', 'the one that has stdout or stderr')
}

function parseField(text: string, earlier: FieldPaths): FieldPaths {
  const equals = text.indexOf('=')
  const name = fieldNames.find((known): known is FieldName => known === text.slice(0, equals))
  if (name === undefined || equals === text.length - 1)
    throw new InvalidArgumentError(`write NAME=PATH; names are ${fieldNames.join(', ')}`)
  return { ...earlier, [name]: text.slice(equals + 1) }
}

function parseMoment(text: string): Time {
  const ago = parseDuration(text)
  if (ago !== undefined) {
    const ms = Date.now() - ago
    return { seconds: Math.floor(ms / 1000), nanos: Math.floor(ms % 1000) * 1e6 }
  }
  const time = parseTimestamp(text)
  if (!time) throw new InvalidArgumentError('write for example 15m, or 2026-11-23T12:48:58Z')
  return time
}

function parseSettle(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined) throw new InvalidArgumentError('write for example 10s')
  return ms
}

function parseCount(text: string): number {
  if (!/^\d{1,4}$/.test(text)) throw new InvalidArgumentError('write a number up to 9999')
  return Number(text)
}
