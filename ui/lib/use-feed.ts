import { useEffect, useState } from 'preact/hooks'
import { ask } from './api.ts'

export interface Feed<T> {
  /** The last answer; kept while the collector does not answer. */
  readonly value: T | undefined
  readonly error: string | undefined
  /** Asks now. */
  readonly refresh: () => void
}

/** What the API says at `path`, asked again every so often while the page is in view. */
export function useFeed<T>(path: string, everyMs: number): Feed<T> {
  const [value, setValue] = useState<T>()
  const [error, setError] = useState<string>()
  const [round, setRound] = useState(0)
  useEffect(() => {
    const stop = new AbortController()
    const poll = () => {
      ask<T>(path, stop.signal).then(
        (answer) => {
          setValue(answer)
          setError(undefined)
        },
        (reason: unknown) => {
          if (!stop.signal.aborted) setError((reason as Error).message)
        },
      )
    }
    poll()
    const timer = setInterval(() => {
      if (!document.hidden) poll()
    }, everyMs)
    return () => {
      clearInterval(timer)
      stop.abort()
    }
  }, [path, everyMs, round])
  return { value, error, refresh: () => setRound((before) => before + 1) }
}
