import { apiSettings } from './api-settings.ts'
import { type Registries, sections } from './component-spec.ts'
import type { Config } from './config.ts'
import { componentSchema } from './document-schema.ts'
import { type JsonSchema, schemasAt, toJsonSchema } from './json-schema.ts'

const hidden = '***'

/** Texts that must not leave this host, the longest first: values of options that a schema marks as secret, what came from secret files, passwords within addresses. */
export function secretsOf<R extends Registries>(config: Config<R>, registries: R): readonly string[] {
  const found = new Set(config.secretTexts)
  collect(config.api, [toJsonSchema(apiSettings)], found)
  for (const section of sections)
    for (const { type, options } of config[section])
      collect(options, [toJsonSchema(componentSchema(section, registries[section][type]!))], found)
  found.delete('')
  return [...new Set([...found].flatMap(spellings))].sort((a, b) => b.length - a.length)
}

/** The text with each secret, and each password within an address, as `***`. */
export function withoutSecretTexts(text: string, secrets: readonly string[]): string {
  return secrets
    .reduce((shown, secret) => shown.replaceAll(secret, hidden), text)
    .replace(/(\w:\/\/[^/\s:@"]*):[^/\s@"]*@/g, `$1:${hidden}@`)
}

function collect(value: unknown, schemas: readonly JsonSchema[], found: Set<string>): void {
  const isSecret = schemas.some(({ writeOnly }) => writeOnly === true)
  if (isSecret && (typeof value === 'string' || typeof value === 'number')) found.add(String(value))
  else if (typeof value === 'string') {
    if (URL.canParse(value)) found.add(decodeURIComponent(new URL(value).password))
  } else if (typeof value === 'object' && value !== null) {
    if ('username' in value && 'password' in value)
      // As it goes over the wire.
      found.add(Buffer.from(`${String(value.username)}:${String(value.password)}`).toString('base64'))
    for (const [key, inner] of Object.entries(value)) {
      const segment = Array.isArray(value) ? Number(key) : key
      collect(inner, isSecret ? schemas : schemasAt({ anyOf: schemas }, [segment]), found)
    }
  }
}

/** As it is, within JSON, and within an address. */
function spellings(secret: string): readonly string[] {
  return [secret, JSON.stringify(secret).slice(1, -1), encodeURIComponent(secret)]
}
