import type { Expression } from './vrl.ts'

const origins: Readonly<Record<string, string>> = {
  message: '{text}',
  container_name: '{container.name}',
  container_id: '{container.id}',
  image: '{container.image}',
  stream: '{stream}',
  host: '{host}',
}

/** What a path of Vector's event is in log-capturer, as a placeholder. */
export function placeholderOf(path: string): string {
  if (Object.hasOwn(origins, path)) return origins[path]!
  if (path.startsWith('label.')) return `{labels.${path.slice('label.'.length)}}`
  return `{fields.${path}}`
}

/** Whether a path is that of a field, and not of where a line comes from. */
export function isField(path: string): boolean {
  return placeholderOf(path).startsWith('{fields.')
}

const asText = new Set(['string', 'to_string'])

/** What an expression comes to, as a template; undefined: it does more than put values together. */
export function templateOf(expression: Expression): string | undefined {
  switch (expression.kind) {
    case 'text':
      return /[{}]/.test(expression.value) ? undefined : expression.value
    case 'number':
      return String(expression.value)
    case 'path':
      return expression.name === '' || expression.name === 'timestamp' ? undefined : placeholderOf(expression.name)
    case 'word':
      return expression.name === 'true' || expression.name === 'false' ? expression.name : undefined
    case 'call':
      return asText.has(expression.name) ? templateOf(expression.args[0]!.value) : undefined
    case 'binary': {
      if (expression.sign !== '+') return undefined
      const [left, right] = [templateOf(expression.left), templateOf(expression.right)]
      return left === undefined || right === undefined ? undefined : left + right
    }
    default:
      return undefined
  }
}

/** Vector's `{{ field }}` in options, as a template. Undefined: there is a time, or a part of one, in it. */
export function templateOfOption(text: string): string | undefined {
  if (/[{}]/.test(text.replace(/\{\{.*?\}\}/g, ''))) return undefined
  return text.replace(/\{\{\s*\.?(.*?)\s*\}\}/g, (_whole, path: string) => placeholderOf(path.replaceAll('"', '')))
}
