import type { Answer } from './push.ts'

/** What goes wrong with each push, until the receiver behaves again. */
export type Misbehaviour =
  /** Takes the connection, and never answers. Nothing is stored. */
  | { readonly kind: 'silent' }
  /** Ends the connection in the middle of the request. Nothing is stored. */
  | { readonly kind: 'cut request' }
  /** Stores the push, and ends the connection in the middle of the answer. */
  | { readonly kind: 'cut answer' }
  /** Stores the push, and ends the connection without an answer: the honest source of doubles. */
  | { readonly kind: 'lose answer' }
  /** Gives one of these after the other instead of storing; afterwards it behaves. An endless generator never ends. */
  | { readonly kind: 'answers'; readonly answers: Iterator<Answer> }
  /** Reads the request at this rate (bytes that the operating system has taken already are not held back), then goes on as usual. */
  | { readonly kind: 'slow'; readonly bytesPerSecond: number }

/** These answers in turn, for ever. */
export function* inTurn(answers: readonly Answer[]): Generator<Answer> {
  while (true) yield* answers
}
