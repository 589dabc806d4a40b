import { visibleText } from '../lib/visible-text.ts'
import { counted } from '../lib/words.ts'
import type { Example } from './examples.ts'
import type { StreamVerdict, Verdict } from './verify.ts'

/** The verdict for people: a line for each stream that differs, with examples, and the totals. */
export function reportLines(verdict: Verdict): readonly string[] {
  const compared = verdict.streams.filter(({ incomparable }) => incomparable === undefined)
  const differing = compared.filter((one) => differences(one) > 0)
  const notes = [
    ...verdict.streams.flatMap(({ container, stream, incomparable }) =>
      incomparable === undefined ? [] : [`cannot be compared: ${container.name} ${stream}: ${incomparable}`],
    ),
    ...verdict.unreadableContainers.map(({ name, reason }) => `not compared: ${name}: ${reason}`),
    ...note(verdict.unreadableRecords, 'lines of the destination are no records'),
    ...note(
      verdict.otherRecords,
      'records are of containers that the engine does not have, or that were not asked for',
    ),
    ...note(
      sum(verdict, 'older'),
      'lines are in the destination only: they are older than what the engine still holds',
    ),
    ...note(sum(verdict, 'extra') - sum(verdict, 'older'), 'lines are in the destination only, for a reason unknown'),
    ...note(sum(verdict, 'beforeBegin'), 'lines are from before the destination begins (--since judges them)'),
    ...note(sum(verdict, 'unsettled'), 'lines are too young to be called missing (--settle)'),
    ...note(
      sum(verdict, 'unordered'),
      'lines are in another order, of which the destination cannot tell: they share a time, or the times go back',
    ),
    ...verdict.notes.map((text) => `note: ${text}`),
  ]
  return [...differing.flatMap(streamLines), ...notes.map(visibleText), totals(verdict)]
}

function streamLines(one: StreamVerdict): string[] {
  const isAbsent = one.delivered === 0
  const parts = [
    `${one.container.name} ${one.stream}: ${counts(one)} of ${one.judged} lines`,
    ...(isAbsent ? ['; nothing of this stream is in the destination: is it collected at all?'] : []),
    ...(one.times === 'none' && !isAbsent
      ? [" (by text and order: the destination does not have the engine's times)"]
      : []),
  ]
  const reasons = one.reasons.map(({ reason, lines }) => `  ${lines} of the missing: ${visibleText(reason)}`)
  return [parts.join(''), ...reasons, ...one.examples.flatMap(exampleLines)]
}

function exampleLines(example: Example): string[] {
  const { kind, time, text, delivered, differsAtByte, reason } = example
  const why = reason === undefined ? '' : ` [${visibleText(reason)}]`
  const place = differsAtByte === undefined ? '' : ` from byte ${differsAtByte}`
  const head = `  ${kind.replaceAll('_', ' ')}${place}: ${time} ${text === undefined ? '(the engine has dropped it since)' : visibleText(text)}${why}`
  return delivered === undefined ? [head] : [head, `    delivered: ${visibleText(delivered)}`]
}

function totals(verdict: Verdict): string {
  const { streams, status } = verdict
  const total = `${counted(sum(verdict, 'judged'), 'line')} of ${counted(streams.length, 'stream')} in ${verdict.place}`
  switch (status) {
    case 'same':
      return `OK: ${total}: all there, once, in order and unaltered`
    case 'different':
      return `DIFFERENT: ${total}: ${['missing', 'doubled', 'altered', 'outOfOrder'].map((name) => `${sum(verdict, name as 'missing')} ${name === 'outOfOrder' ? 'out of order' : name}`).join(', ')}`
    case 'incomparable':
      if (sum(verdict, 'judged') > 0) return `NOT ALL COMPARED: ${total}: no differences in what could be compared`
      return 'NOTHING COMPARED: the engine and the destination have no line in common, and no line that the destination has to hold'
  }
}

type Count =
  | 'older'
  | 'missing'
  | 'doubled'
  | 'altered'
  | 'outOfOrder'
  | 'extra'
  | 'beforeBegin'
  | 'unsettled'
  | 'unordered'
  | 'judged'

function sum({ streams }: Verdict, name: Count): number {
  return streams.reduce((total, one) => total + one[name], 0)
}

function differences({ missing, doubled, altered, outOfOrder }: StreamVerdict): number {
  return missing + doubled + altered + outOfOrder
}

function counts({ missing, doubled, altered, outOfOrder }: StreamVerdict): string {
  const all = { missing, doubled, altered, 'out of order': outOfOrder }
  return Object.entries(all)
    .filter(([, count]) => count > 0)
    .map(([name, count]) => `${count} ${name}`)
    .join(', ')
}

function note(count: number, text: string): string[] {
  return count === 0 ? [] : [`note: ${count} ${text}`]
}
