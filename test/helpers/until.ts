import { sleep } from '../../src/lib/wait.ts'

/**
 * Waits until `look` gives something other than undefined or false, and gives that back. Fails after `withinMs`, saying what
 * was waited for and what `seen` shows. The limit only says when waiting is in vain: on a machine that is slow and busy, an engine takes ten seconds to start.
 */
export async function until<T>(
  what: string,
  look: () => T | undefined | false | Promise<T | undefined | false>,
  { withinMs = 25_000, seen }: { readonly withinMs?: number; readonly seen?: () => unknown } = {},
): Promise<T> {
  const deadline = performance.now() + withinMs
  let pauseMs = 1
  while (true) {
    const value = await look()
    if (value !== undefined && value !== false) return value
    if (performance.now() > deadline) {
      const state = seen ? `; seen: ${JSON.stringify(seen())}` : ''
      throw new Error(`waited ${withinMs} ms in vain until ${what}${state}`)
    }
    await sleep(pauseMs, AbortSignal.timeout(60_000))
    pauseMs = Math.min(pauseMs * 2, 50)
  }
}
