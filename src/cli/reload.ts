import type { Collector } from '../app/collector.ts'
import type { ConfigInput } from '../config/input.ts'
import type { Log } from '../telemetry/log.ts'
import { hasAborted } from '../lib/wait.ts'
import { watchConfig } from './watch-config.ts'

export interface ReloadWishes extends AsyncDisposable {
  /** From now on wishes are fulfilled; one that came before is fulfilled now. */
  start(collector: Collector): void
}

export interface ReloadOptions {
  readonly signal: AbortSignal
  /** Given: its files are watched, too. */
  readonly watched: ConfigInput | undefined
  readonly log: Log
}

/**
 * Reloads on SIGHUP and, where files are watched, when their contents change. SIGHUP is caught from the call on: without a listener it ends the
 * process. A wish that comes while a reload goes on is fulfilled after it; more than one are one.
 */
export function catchReloadWishes({ signal, watched, log }: ReloadOptions): ReloadWishes {
  let collector: Collector | undefined
  let isWished = false
  let running: Promise<void> | undefined
  const reload = async () => {
    while (isWished && !hasAborted(signal)) {
      isWished = false
      // The collector has told in its log why it did not work.
      await collector!.reload(signal).catch(() => undefined)
    }
    running = undefined
  }
  const look = () => {
    if (collector && isWished) running ??= reload()
  }
  const onWish = () => {
    isWished = true
    look()
  }
  process.on('SIGHUP', onWish)
  const watcher = watched && watchConfig(watched, { onChanged: onWish, log })
  return {
    start(opened) {
      collector = opened
      look()
    },
    async [Symbol.asyncDispose]() {
      process.off('SIGHUP', onWish)
      watcher?.[Symbol.dispose]()
      await running
    },
  }
}
