import { celField, celOfTemplate, celTest, celText, type CelValue } from '../cel.ts'

const origins: Readonly<Record<string, string>> = {
  log: '{text}',
  stream: '{stream}',
  source: '{stream}',
  container_name: '{container.name}',
  container_id: '{container.id}',
  hostname: '{host}',
}

/** The name of a key: `log`, `$log`, `$user['id']`. */
export function keyOf(accessor: string): string {
  return accessor.replace(/^\$/, '').replace(/\['([^']*)'\]/g, '.$1')
}

/** What a key of a record is in log-capturer. */
export function placeholderOf(accessor: string): string {
  const key = keyOf(accessor)
  return Object.hasOwn(origins, key) ? origins[key]! : `{fields.${key}}`
}

export function valueOf(accessor: string): CelValue {
  return celOfTemplate(placeholderOf(accessor))
}

/** Whether a record has the key. */
export function hasKey(key: string, not: '' | '!'): string {
  const template = placeholderOf(key)
  if (!template.startsWith('{fields.')) return String(not === '')
  return not + celField(keyOf(key)).present[0]!
}

/** Whether a pattern is found in a key; one that is not there has none. */
export function matches(key: string, pattern: string, not: '' | '!'): string {
  return celTest(valueOf(key), { ask: (value) => `${not}${value}.matches(${celText(pattern)})`, ofEmpty: not === '!' })
}

export function equals(key: string, text: string, not: '' | '!'): string {
  return celTest(valueOf(key), {
    ask: (value) => `${value} ${not === '' ? '==' : '!='} ${celText(text)}`,
    ofEmpty: not === '!',
  })
}
