import type { Origin } from '../../batch/origin.ts'

/** What may stand in braces; `labels.NAME` for any label besides. */
export const placeholders = [
  'container.name',
  'container.id',
  'container.image',
  'stream',
  'host',
  'source',
  'date',
  'hour',
  'labels.NAME',
] as const

/** One file name's worth of bytes is 255 on every file system in use; what a template adds around must fit as well. */
const maxValueBytes = 120

export interface PathTemplate {
  /** The path of a line's file. `seconds` is the line's time. */
  pathOf(origin: Origin, seconds: number): string
  /** Lines of one stream go to the same file while this number is the same; 0 where the time plays no part. */
  periodOf(seconds: number): number
}

/** Why a template cannot be used; undefined: it can. */
export function templateProblem(text: string): string | undefined {
  for (const [, name] of text.matchAll(/\{([^}]*)\}?/g)) {
    if (isPlaceholder(name!)) continue
    const near = placeholders.find((known) => known.startsWith(name!.slice(0, 3)) || known.endsWith(`.${name!}`))
    return `{${name!}} stands for nothing${near === undefined ? '' : `; did you mean {${near}}?`}`
  }
  if (text.includes('\0')) return 'a path holds no NUL'
  if (text.endsWith('/')) return 'the path ends in a folder: add a file name'
  return undefined
}

/** @param text one that `templateProblem` finds nothing wrong with. */
export function compileTemplate(text: string): PathTemplate {
  const parts = text.split(/\{([^}]*)\}/)
  const periodSeconds = parts.includes('hour') ? 3_600 : parts.includes('date') ? 86_400 : 0
  return {
    pathOf: (origin, seconds) =>
      parts.map((part, i) => (i % 2 === 0 ? part : safe(valueOf(part, origin, seconds)))).join(''),
    periodOf: (seconds) => (periodSeconds === 0 ? 0 : Math.floor(seconds / periodSeconds)),
  }
}

function isPlaceholder(name: string): boolean {
  return name.startsWith('labels.')
    ? name.length > 'labels.'.length
    : (placeholders as readonly string[]).includes(name)
}

function valueOf(name: string, { container, stream, host, labels, key }: Origin, seconds: number): string {
  switch (name) {
    case 'container.name':
      return container.name
    case 'container.id':
      return container.id
    case 'container.image':
      return container.image
    case 'stream':
      return stream
    case 'host':
      return host
    case 'source':
      return key.slice(0, key.indexOf('/'))
    case 'date':
      return new Date(seconds * 1000).toISOString().slice(0, 10)
    case 'hour':
      return new Date(seconds * 1000).toISOString().slice(11, 13)
    default:
      return labels[name.slice('labels.'.length)] ?? ''
  }
}

/** Text of others as part of a file name: no separator, no leading dot, nothing that a terminal or a file system chokes on. */
function safe(value: string): string {
  // biome-ignore lint: control characters are just what is looked for.
  let text = value.replace(/[/\\:\u0000-\u001f\u007f-\u009f]/g, '_').replace(/^\.+/, (dots) => '_'.repeat(dots.length))
  while (Buffer.byteLength(text) > maxValueBytes) text = text.slice(0, -1)
  // A character may have been cut in two.
  return text === '' ? '_' : Buffer.from(text).toString()
}
