import { once } from 'node:events'
import { createWriteStream } from 'node:fs'
import { messageOf } from '../../lib/error.ts'
import { ReferenceFailure } from './reference-failure.ts'

/** A file that lines are written to. */
export interface Output {
  write(text: string): void
  /** What was written is in the file. @throws ReferenceFailure when something could not be written */
  end(): Promise<void>
}

/** Makes the file anew. `onFailure`: something could not be written. @throws ReferenceFailure */
export async function openOutput(path: string, onFailure: (error: ReferenceFailure) => void): Promise<Output> {
  const failureOf = (cause: unknown) =>
    new ReferenceFailure(`cannot write the lines to ${path}: ${messageOf(cause)}`, {
      cause,
      hint: 'name a file with --output that can be written, on a disk with room',
    })
  const stream = createWriteStream(path)
  try {
    await once(stream, 'open')
  } catch (cause) {
    throw failureOf(cause)
  }
  stream.on('error', (cause) => onFailure(failureOf(cause)))
  return {
    write: (text) => void stream.write(`${text}\n`),
    async end() {
      if (!stream.errored) await new Promise<void>((resolve) => void stream.end(() => resolve()))
      if (stream.errored) throw failureOf(stream.errored)
    },
  }
}
