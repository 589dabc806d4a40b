/**
 * A template of Go as one of log-capturer, where it only puts in values; undefined: it does more. `.Value` is the field `source`.
 *
 * @example goTemplate('{{ .level }}: {{ .Value }}', 'msg') // '{fields.level}: {fields.msg}'
 */
export function goTemplate(text: string, source: string): string | undefined {
  if (/[{}]/.test(text.replace(/\{\{.*?\}\}/gs, ''))) return undefined
  const actions = [...text.matchAll(/\{\{-?\s*(.*?)\s*-?\}\}/gs)].map(([, action]) => action!)
  if (!actions.every((action) => /^\.\w+$/.test(action))) return undefined
  return text.replace(/\{\{-?\s*\.(\w+)\s*-?\}\}/g, (_whole, name: string) => {
    if (name === 'Entry') return '{text}'
    return `{fields.${name === 'Value' ? source : name}}`
  })
}
