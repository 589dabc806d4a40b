import pc from 'picocolors'

const paints: Readonly<Record<string, (text: string) => string>> = {
  debug: pc.dim,
  info: pc.green,
  warn: pc.yellow,
  error: pc.red,
}

/** One line of the structured log as one line for people: `12:48:58 warn  the engine does not answer  address=unix:///...`. */
export function humanLine(json: string): string {
  const { level, time, msg, ...fields } = JSON.parse(json) as Record<string, unknown>
  const word = String(level)
  const shown = Object.entries(fields).map(([name, value]) => `${name}=${valueText(value)}`)
  const paint = paints[word] ?? String
  return [pc.dim(String(time).slice(11, 19)), paint(word.padEnd(5)), String(msg), pc.dim(shown.join(' '))]
    .filter((part) => part !== '')
    .join(' ')
}

/** In quotes where it would not be clear what belongs to it, and where a terminal might take it for a command. */
function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[!-~]+$/.test(value)) return value
  return JSON.stringify(value).replace(/[\x7f-\x9f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16)}`)
}
