import type { InspectedContainer } from '../../engine/answers.ts'

/** Smaller files than this can turn over twice while a busy engine's follow is behind: it writes some megabytes a second. */
const safeFileBytes = 4 * 2 ** 20
const powers: Readonly<Record<string, number>> = { '': 0, k: 1, m: 2, g: 3 }
/** Where `local` is given nothing: a file of 20,971,549 bytes was followed by the next (20.10). */
const localFileBytes = 20 * 2 ** 20

/**
 * Whether a follow of Docker may pass over files of this container's log that could still be read: at a rotation it goes on with the newest
 * file, whatever stands in those between (20.10: of 80,000 lines at full speed through files of 100 KB it brought 4,788 to 27,588, and
 * lacked up to 1,728 of the 2,200 that could be read in the end; 26.1: of 90 lines through files of 8 KB 2 of 12 follows lacked 25).
 * With one file nothing is between; and of a container that is removed at its exit a second read may come too late.
 */
export function turnsOverFast({ HostConfig }: InspectedContainer): boolean {
  return (
    HostConfig?.AutoRemove !== true && maxFileBytes({ HostConfig }) < safeFileBytes && !keepsOneFile({ HostConfig })
  )
}

/** Whether the engine begins the only file anew when it is full, with what stands in it gone at once. */
export function keepsOneFile({ HostConfig }: Pick<InspectedContainer, 'HostConfig'>): boolean {
  const { Type: driver, Config: settings } = HostConfig?.LogConfig ?? {}
  return !(Number(settings?.['max-file'] ?? (driver === 'local' ? 5 : 1)) > 1)
}

/** Size at which the engine begins a new log file; infinite where it never does. */
export function maxFileBytes({ HostConfig }: Pick<InspectedContainer, 'HostConfig'>): number {
  const { Type: driver, Config: settings } = HostConfig?.LogConfig ?? {}
  const size = settings?.['max-size']
  if (size === undefined) return driver === 'local' ? localFileBytes : Number.POSITIVE_INFINITY
  return parseSize(size)
}

/** `10k`, `1.5m`, `1gb`, as the log drivers take them, in bytes: by thousands, also where it says `MiB` (20.10). Infinite for what is none. */
function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?) ?([kmg]?)i?b?$/i.exec(text)
  return match ? Number(match[1]) * 1000 ** powers[match[2]!.toLowerCase()]! : Number.POSITIVE_INFINITY
}
