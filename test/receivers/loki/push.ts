/** What a push asks to be stored, whichever encoding it came in. */
export interface Push {
  readonly streams: readonly PushStream[]
  /** Of the body after decompression. */
  readonly bytes: number
}

export interface PushStream {
  /** As sent: `{container="web", stream="stdout"}`. */
  readonly labels: string
  readonly entries: readonly Entry[]
}

export interface Entry {
  /** Since 1970. */
  readonly seconds: number
  readonly nanos: number
  readonly line: Uint8Array
  /** Structured metadata, as sent. */
  readonly metadata: readonly (readonly [name: string, value: string])[]
}

export interface Answer {
  readonly status: number
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** Refuses a push as a whole: nothing of it is stored. */
export class Refusal extends Error implements Answer {
  readonly status: number

  constructor(status: number, text: string) {
    super(text)
    this.status = status
  }

  get text(): string {
    return this.message
  }
}
