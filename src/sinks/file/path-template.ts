import { resolve } from 'node:path'
import type { Origin } from '../../batch/origin.ts'
import { originPlaceholders, placeholderProblem, valueOfPlaceholder } from '../../batch/origin-template.ts'

/** What may stand in braces. */
export const placeholders = [...originPlaceholders, 'date', 'hour'] as const

/** What one placeholder stands for is cut to so many bytes. */
const maxValueBytes = 120
/** A name may have 255 bytes on every file system in use; a file that is put aside, compressed, takes up to 35 of them for its suffix. */
const maxNameBytes = 255 - 35

export interface PathTemplate {
  /** The absolute path of a line's file. `seconds` is the line's time. */
  pathOf(origin: Origin, seconds: number): string
  /** Lines of one stream go to the same file while this number is the same; 0 where the time plays no part. */
  periodOf(seconds: number): number
}

/** Why a template cannot be used; undefined: it can. */
export function templateProblem(text: string): string | undefined {
  const problem = placeholderProblem(text, placeholders)
  if (problem !== undefined) return problem
  if (text.includes('\0')) return 'a path holds no NUL'
  if (text.endsWith('/')) return 'the path ends in a folder: add a file name'
  if (text.split('/').some((name) => valueBytesOf(name) < 8))
    return `a name in the path is too long: with what its placeholders stand for it may have ${maxNameBytes} bytes`
  return undefined
}

/** @param text one that `templateProblem` finds nothing wrong with. */
export function compileTemplate(text: string): PathTemplate {
  const parts = text.split('/').flatMap((name, i) => {
    const maxBytes = Math.min(maxValueBytes, valueBytesOf(name))
    const pieces = name.split(/\{([^}]*)\}/).map((piece, k) => ({ piece, isValue: k % 2 === 1, maxBytes }))
    return i === 0 ? pieces : [{ piece: '/', isValue: false, maxBytes }, ...pieces]
  })
  const names = parts.filter(({ isValue }) => isValue).map(({ piece }) => piece)
  const periodSeconds = names.includes('hour') ? 3_600 : names.includes('date') ? 86_400 : 0
  const periodOf = (seconds: number) => (periodSeconds === 0 ? 0 : Math.floor(seconds / periodSeconds))
  const known = new WeakMap<Origin, { readonly period: number; readonly path: string }>()
  return {
    periodOf,
    pathOf(origin, seconds) {
      const period = periodOf(seconds)
      const last = known.get(origin)
      if (last?.period === period) return last.path
      const path = resolve(
        parts
          .map(({ piece, isValue, maxBytes }) => (isValue ? safe(valueOf(piece, origin, seconds), maxBytes) : piece))
          .join(''),
      )
      known.set(origin, { period, path })
      return path
    },
  }
}

/** How many bytes each placeholder in a name may stand for, so that the whole name is not too long. */
function valueBytesOf(name: string): number {
  const [fixed, values] = [name.replaceAll(/\{[^}]*\}/g, ''), [...name.matchAll(/\{/g)].length]
  const free = maxNameBytes - Buffer.byteLength(fixed)
  return values === 0 && free >= 0 ? maxNameBytes : Math.floor(free / Math.max(1, values))
}

function valueOf(name: string, origin: Origin, seconds: number): string {
  switch (name) {
    case 'date':
      return new Date(seconds * 1000).toISOString().slice(0, 10)
    case 'hour':
      return new Date(seconds * 1000).toISOString().slice(11, 13)
    default:
      return valueOfPlaceholder(name, origin)
  }
}

/** Text of others as part of a file name: no separator, no leading dot, nothing that a terminal or a file system chokes on. */
function safe(value: string, maxBytes: number): string {
  const text = value
    .slice(0, maxBytes)
    // biome-ignore lint: control characters are just what is looked for.
    .replace(/[/\\:\u0000-\u001f\u007f-\u009f]/g, '_')
    .replace(/^\.+/, (dots) => '_'.repeat(dots.length))
  if (text === '') return '_'
  const bytes = Buffer.from(text)
  let end = Math.min(bytes.length, maxBytes)
  // Not in the middle of a character.
  while (end < bytes.length && (bytes[end]! & 0xc0) === 0x80) end -= 1
  return bytes.toString('utf8', 0, end)
}
