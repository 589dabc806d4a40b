import { type EngineEvent, event } from '../../engine/answers.ts'
import { ResponseError } from '../../engine/engine-error.ts'

/**
 * The container events that we act upon. Health checks alone are 22 of 25 events of a small container, so the engine is asked to leave the
 * rest out. Podman says `remove` where Docker says `destroy`.
 */
export const eventFilters = {
  type: ['container'],
  event: ['create', 'start', 'die', 'destroy', 'remove', 'rename', 'update'],
}

/** A container's event has all of its labels; this is far beyond what an engine takes. */
const maxEventBytes = 4 * 1024 * 1024

/** Takes the events response apart: one JSON object and LF per event (Docker 20.10 to 29, Podman 4.3). */
export class EventReader {
  readonly #onEvent: (event: EngineEvent) => void
  #rest = Buffer.alloc(0)

  constructor(onEvent: (event: EngineEvent) => void) {
    this.#onEvent = onEvent
  }

  /** @throws ResponseError for what is no event. */
  feed(bytes: Buffer, from: number, to: number): void {
    let text = Buffer.concat([this.#rest, bytes.subarray(from, to)])
    for (let end = text.indexOf(10); end >= 0; end = text.indexOf(10)) {
      const line = text.toString('utf8', 0, end).trim()
      text = text.subarray(end + 1)
      if (line !== '') this.#onEvent(parseEvent(line))
    }
    if (text.length > maxEventBytes) throw new ResponseError(`an event is longer than ${maxEventBytes} bytes`)
    this.#rest = text
  }
}

function parseEvent(line: string): EngineEvent {
  try {
    return event.parse(JSON.parse(line))
  } catch (cause) {
    throw new ResponseError(`this is no event: ${line.slice(0, 200)}`, { cause })
  }
}
