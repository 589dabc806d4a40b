import { InvalidArgumentError } from 'commander'
import { leakKinds, type PlantedLeak } from '../../lab/probe/messages.ts'
import { type ReferenceName, referenceNames } from '../../lab/references/index.ts'
import type { EngineChoice, TargetChoice } from '../../lab/run/options.ts'
import { parseDuration } from '../../lib/units.ts'

export function wholeNumber(text: string): number {
  if (!/^[1-9]\d{0,8}$/.test(text)) throw new InvalidArgumentError('a whole number above zero is needed')
  return Number(text)
}

/** Zero is one, too. */
export function countOf(text: string): number {
  if (!/^\d{1,6}$/.test(text)) throw new InvalidArgumentError('a whole number is needed')
  return Number(text)
}

/** In milliseconds. */
export function duration(text: string): number {
  const ms = parseDuration(text)
  if (ms === undefined || ms === 0) throw new InvalidArgumentError('write for example 30m')
  return ms
}

export function chosenEngine(text: string): EngineChoice {
  const [, path] = /^simulated(?::(\/.+))?$/.exec(text) ?? []
  if (path !== undefined || text === 'simulated') return { kind: 'simulated', socketPath: path }
  if (!/^(unix|tcp):\/\//.test(text))
    throw new InvalidArgumentError('write simulated, simulated:/path, unix:///path or tcp://host:port')
  return { kind: 'real', host: text, image: '', restart: undefined }
}

export function chosenTarget(text: string): TargetChoice {
  if (text === 'self') return { kind: 'self' }
  const [, pid] = /^pid:([1-9]\d*)$/.exec(text) ?? []
  if (pid !== undefined) return { kind: 'process', pid: Number(pid) }
  const [, line] = /^cmd:(.+)$/s.exec(text) ?? []
  if (line !== undefined) return { kind: 'command', line }
  throw new InvalidArgumentError('write self, pid:4711 or cmd:program words')
}

export function referencesOf(text: string): readonly ReferenceName[] {
  if (text === 'all') return referenceNames
  return text.split(',').map((word) => {
    const known = referenceNames.find((name) => name === word.trim())
    if (known === undefined) throw new InvalidArgumentError(`"${word}" is none: ${referenceNames.join(', ')}, or all`)
    return known
  })
}

export function plantedLeak(text: string, before: readonly PlantedLeak[]): readonly PlantedLeak[] {
  const [word, amount = ''] = text.split(':')
  const kind = leakKinds.find((known) => known === word)
  if (kind === undefined || !/^\d+(\.\d+)?$/.test(amount))
    throw new InvalidArgumentError(`write a kind (${leakKinds.join(', ')}), a colon and a number, as descriptors:2`)
  return [...before, { kind, rate: Number(amount) }]
}
