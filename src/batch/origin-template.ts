import { nearest } from '../lib/nearest.ts'
import type { Origin } from './origin.ts'

/** What may stand in the braces of a template; `labels.NAME` for any label of the container besides. */
export const originPlaceholders = [
  'container.name',
  'container.id',
  'container.image',
  'stream',
  'host',
  'source',
  'labels.NAME',
] as const

/** Beside those of the origin, where a template is filled for a line: `fields.NAME` for any field. */
export const linePlaceholders = [...originPlaceholders, 'fields.NAME'] as const

const fieldPrefix = 'fields.'

/** The names of the fields that the templates ask for, each once. */
export function fieldNamesOf(templates: readonly string[]): readonly string[] {
  const names = templates.flatMap((text) => [...text.matchAll(/\{fields\.([^}]*)\}/g)].map(([, name]) => name!))
  return [...new Set(names)]
}

/** Why the placeholders of a template cannot be used, where `placeholders` are those that can; undefined: they can. */
export function placeholderProblem(text: string, placeholders: readonly string[]): string | undefined {
  for (const [whole, name] of text.matchAll(/\{([^{}]*)\}?/g)) {
    if (!whole.endsWith('}')) return `${whole} has no closing brace`
    if (isPlaceholder(name!, placeholders)) continue
    const near = nearest(name!, placeholders) ?? placeholders.find((known) => known.endsWith(`.${name!}`))
    return `{${name!}} stands for nothing; ${near === undefined ? `there are ${placeholders.map((known) => `{${known}}`).join(', ')}` : `did you mean {${near}}?`}`
  }
  return undefined
}

/** What a placeholder stands for; empty where the origin has no such label. */
export function valueOfPlaceholder(name: string, { container, stream, host, labels, key }: Origin): string {
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
    default: {
      const label = name.slice('labels.'.length)
      return Object.hasOwn(labels, label) ? labels[label]! : ''
    }
  }
}

/** The text with its placeholders filled in. `text` is one that `placeholderProblem` finds nothing wrong with. `ofLine`: what stands for a placeholder that is not the origin's. */
export function fillTemplate(
  text: string,
  origin: Origin,
  ofLine: (name: string) => string | undefined = () => undefined,
): string {
  return text.replace(/\{([^}]*)\}/g, (_whole, name: string) => ofLine(name) ?? valueOfPlaceholder(name, origin))
}

/** The field that a placeholder asks for; undefined: none. */
export function fieldOfPlaceholder(name: string): string | undefined {
  return name.startsWith(fieldPrefix) ? name.slice(fieldPrefix.length) : undefined
}

function isPlaceholder(name: string, placeholders: readonly string[]): boolean {
  if (name.startsWith('labels.')) return name.length > 'labels.'.length
  if (name.startsWith(fieldPrefix)) return name.length > fieldPrefix.length && placeholders.includes('fields.NAME')
  return placeholders.includes(name)
}
