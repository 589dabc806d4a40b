import { useEffect, useRef, useState } from 'preact/hooks'
import { LineBuffer } from './line-buffer.ts'
import { readTail } from './read-tail.ts'
import { queryOf, type Wishes, wantedBy } from './wishes.ts'

const keptLines = 50_000
/** Of each container, from before the page was opened. */
const lastLines = 20
/** Somebody who types changes wishes often. */
const settleMs = 300

export interface LiveTail {
  readonly buffer: LineBuffer
  /** Undefined: lines come. */
  readonly trouble: string | undefined
  /** Lines a second, over the last two. */
  readonly perSecond: number
  readonly clear: () => void
}

/** Lines as they come, drawn once a frame at the most. */
export function useTail(wishes: Wishes): LiveTail {
  const buffer = useRef<LineBuffer | undefined>(undefined)
  buffer.current ??= new LineBuffer(keptLines)
  const [trouble, setTrouble] = useState<string | undefined>('Connecting …')
  const [perSecond, setPerSecond] = useState(0)
  const redraw = useRedraw()
  const lines = buffer.current
  const query = queryOf(wishes).toString()

  useEffect(() => {
    try {
      lines.want(wantedBy(wishes))
      redraw()
    } catch {
      // Half a pattern: what was wanted before is shown until it is a whole one; its field says what is wrong.
    }
  }, [wishes])
  useEffect(() => {
    const stop = new AbortController()
    const onEvent: Parameters<typeof readTail>[1]['onEvent'] = (event) => {
      lines.add(event)
      if (event.lines.length > 0 || event.skipped > 0) redraw()
    }
    const onState = (state: 'open' | 'away', error?: string) => setTrouble(state === 'open' ? undefined : error)
    const isFirst = lines.received === 0
    // Behind a transform there is nothing from before.
    const last = isFirst && wishes.at === '' ? lastLines : 0
    const timer = setTimeout(
      () => void readTail({ query: new URLSearchParams(query), last }, { onEvent, onState }, stop.signal),
      isFirst ? 0 : settleMs,
    )
    return () => {
      clearTimeout(timer)
      stop.abort()
    }
  }, [query])
  useEffect(() => {
    lines.clear()
    redraw()
  }, [wishes.at])
  useEffect(() => {
    let before = lines.received
    const timer = setInterval(() => {
      setPerSecond((lines.received - before) / 2)
      before = lines.received
    }, 2_000)
    return () => clearInterval(timer)
  }, [])
  const clear = () => {
    lines.clear()
    redraw()
  }
  return { buffer: lines, trouble, perSecond, clear }
}

/** Draws with the next frame, whoever asks for it and how often. */
function useRedraw(): () => void {
  const [, setFrame] = useState(0)
  const asked = useRef<number | undefined>(undefined)
  useEffect(
    () => () => {
      if (asked.current !== undefined) cancelAnimationFrame(asked.current)
    },
    [],
  )
  return () => {
    asked.current ??= requestAnimationFrame(() => {
      asked.current = undefined
      setFrame((frame) => frame + 1)
    })
  }
}
