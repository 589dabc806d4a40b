import { type DestinationStream, type Logger, pino } from 'pino'

/** The collector's own log: structured, to standard error. Static text, everything that varies in fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: Record<string, unknown>): Log
}

export const logLevels = ['debug', 'info', 'warn', 'error', 'silent'] as const
export type LogLevel = (typeof logLevels)[number]

/** The log that the others are children of. */
export interface RootLog extends Log {
  /** From now on, for its children as well. */
  setLevel(level: LogLevel): void
  /** The last lines that it and its children have written, the oldest first. */
  recent(): readonly string[]
}

/** Lines that are kept for who asks what has happened, and what is kept of a long one. */
const recentLines = 500
const recentLineLength = 4_000

/** Writes JSON lines, synchronously, so that the last words before an exit are not lost. */
export function createLog(
  level: LogLevel,
  destination: DestinationStream = pino.destination({ fd: 2, sync: true }),
): RootLog {
  const threshold = { level }
  const recent: string[] = []
  const keeping = {
    write(line: string) {
      recent.push(line.length > recentLineLength ? line.slice(0, recentLineLength) : line.trimEnd())
      // Seldom, and then half of them: shifting one by one would move them all each time.
      if (recent.length >= 2 * recentLines) recent.splice(0, recentLines)
      destination.write(line)
    },
  }
  const log = pino(
    {
      // The threshold is our own: a child of pino keeps the level that it was made with.
      level: 'debug',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
    },
    keeping,
  )
  return {
    ...withThreshold(log, threshold),
    setLevel: (next) => void (threshold.level = next),
    recent: () => recent.slice(-recentLines),
  }
}

function withThreshold(log: Logger, threshold: { level: LogLevel }): Log {
  const isWanted = (level: LogLevel) => logLevels.indexOf(level) >= logLevels.indexOf(threshold.level)
  const write = (level: 'debug' | 'info' | 'warn' | 'error') => (fields: object, message: string) => {
    if (isWanted(level)) log[level](fields, message)
  }
  return {
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: (fields) => withThreshold(log.child(fields), threshold),
  }
}
