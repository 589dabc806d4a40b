export type Level = 'error' | 'warn' | 'info' | 'debug' | 'none'

/** Where a level stands it stands early. */
const looked = 400

const words: Readonly<Record<string, Level>> = {
  emerg: 'error',
  emergency: 'error',
  alert: 'error',
  crit: 'error',
  critical: 'error',
  fatal: 'error',
  panic: 'error',
  severe: 'error',
  error: 'error',
  err: 'error',
  warn: 'warn',
  warning: 'warn',
  notice: 'info',
  info: 'info',
  information: 'info',
  debug: 'debug',
  trace: 'debug',
  verbose: 'debug',
}

/** `"level":"warn"`, `level=warn`, `severity: WARN`; numbers are those of pino and bunyan. */
const named = /(?:^|[\s,{"'])(?:level|lvl|severity|loglevel|log\.level)["']?\s*[=:]\s*["']?([a-z]+|\d+)/i
/** A word of its own in capitals, or in brackets: `ERROR`, `[warn]`, `E!` is none. */
const plain =
  /(?:^|[^A-Za-z0-9_])(?:(EMERG|ALERT|CRIT|CRITICAL|FATAL|PANIC|SEVERE|ERROR|ERR|WARN|WARNING|NOTICE|INFO|DEBUG|TRACE)(?![A-Za-z0-9_])|\[(emerg|alert|crit|critical|fatal|panic|error|err|warn|warning|notice|info|debug|trace)\])/

/** How grave a line is, as far as it says so itself. */
export function levelOf(text: string): Level {
  const start = text.length > looked ? text.slice(0, looked) : text
  const name = named.exec(start)?.[1]
  if (name !== undefined) {
    const level = levelOfName(name)
    if (level !== 'none') return level
  }
  const word = plain.exec(start)
  return word ? levelOfName(word[1] ?? word[2]!) : 'none'
}

function levelOfName(name: string): Level {
  const number = Number(name)
  if (Number.isNaN(number)) return words[name.toLowerCase()] ?? 'none'
  if (number >= 50) return 'error'
  if (number >= 40) return 'warn'
  return number >= 30 ? 'info' : number >= 10 ? 'debug' : 'none'
}
