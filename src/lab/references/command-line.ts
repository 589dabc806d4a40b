import { parseArgs } from 'node:util'
import { messageOf } from '../../lib/error.ts'
import { suggest } from '../../lib/nearest.ts'
import { parseAddress } from '../../engine/address.ts'
import type { PlainAddress } from './client.ts'
import { type ReferenceName, referenceNames, references, usualRotationSeconds } from './index.ts'
import { ReferenceFailure } from './reference-failure.ts'

export interface CommandLine {
  readonly name: ReferenceName
  readonly engine: PlainAddress
  readonly rotationMs: number
  readonly healthMs: number | undefined
  readonly listen: { readonly host: string; readonly port: number }
  readonly outputFile: string | undefined
}

const usage = `main.js ${referenceNames.join('|')} --engine unix:///path|tcp://host:port [--rotation-seconds N] [--health-seconds N] [--listen HOST:PORT] [--output FILE]`

/** Reads the words after the program's name. @throws ReferenceFailure, AddressError */
export function readCommandLine(words: readonly string[]): CommandLine {
  const { values, positionals } = parse(words)
  const [name = '', ...others] = positionals
  if (others.length > 0) throw wrong(`"${others[0]!}" is one word too many`)
  if (!isName(name))
    throw wrong(`"${name}" is no reference collector`, suggest(name, referenceNames, 'reference collectors'))
  if (values.engine === undefined) throw wrong('--engine is missing')
  const health = seconds('--health-seconds', values['health-seconds']) ?? references[name].healthSeconds
  return {
    name,
    engine: plainAddress(values.engine),
    rotationMs: (seconds('--rotation-seconds', values['rotation-seconds']) ?? usualRotationSeconds) * 1000,
    healthMs: health === undefined ? undefined : health * 1000,
    listen: listenAddress(values.listen),
    outputFile: values.output,
  }
}

function parse(words: readonly string[]) {
  const text = { type: 'string' } as const
  try {
    return parseArgs({
      args: [...words],
      allowPositionals: true,
      options: {
        engine: text,
        'rotation-seconds': text,
        'health-seconds': text,
        listen: { type: 'string', default: '127.0.0.1:0' },
        output: text,
      },
    })
  } catch (cause) {
    throw wrong(messageOf(cause))
  }
}

function isName(word: string): word is ReferenceName {
  return (referenceNames as readonly string[]).includes(word)
}

function seconds(flag: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  // The longest time that a timer of Node takes is 24 days.
  if (text.trim() === '' || !(value > 0) || value > 86_400)
    throw wrong(`${flag} ${text}: it takes seconds, up to 86400`)
  return value
}

function plainAddress(text: string): PlainAddress {
  const address = parseAddress(text)
  if (address.kind === 'unix' || address.kind === 'tcp') return address
  throw wrong(`--engine ${text}: only unix:// and tcp:// are known here`)
}

function listenAddress(text: string): CommandLine['listen'] {
  const [, host, port] = /^\[?([^\]]+)\]?:(\d{1,5})$/.exec(text) ?? []
  if (host === undefined || Number(port) > 65_535) throw wrong(`--listen ${text}: it takes HOST:PORT`)
  return { host, port: Number(port) }
}

function wrong(why: string, hint = usage): ReferenceFailure {
  return new ReferenceFailure(why, { hint })
}
