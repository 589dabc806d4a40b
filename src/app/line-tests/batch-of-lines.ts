import type { Batch } from '../../batch/batch.ts'
import { BatchBuilder } from '../../batch/builder.ts'
import { type GivenStream, givenStream, putLine } from '../put-line.ts'
import type { GivenLine } from './schema.ts'

/** The lines as a source of this id would give them, in as many batches as they need. The caller releases them. */
export function batchesOf(sourceId: string, lines: readonly GivenLine[]): readonly Batch[] {
  const batches: Batch[] = []
  const builder = new BatchBuilder((batch) => batches.push(batch))
  const streams = new Map<string, GivenStream>()
  let atMs = -1
  for (const one of lines) {
    const line = typeof one === 'string' ? { ...plain, text: one } : one
    atMs = line.at ?? atMs + 1
    putLine(builder, streamOf(streams, sourceId, line), { text: Buffer.from(line.text), atMs })
  }
  builder.seal()
  return batches
}

const plain = { container: 'app', image: 'image', labels: {}, stream: 'stdout', at: undefined } as const

type FullLine = Exclude<GivenLine, string>

function streamOf(streams: Map<string, GivenStream>, sourceId: string, line: FullLine): GivenStream {
  const { container: name, image, labels, stream } = line
  const key = `${sourceId}/${name}/${stream}`
  let found = streams.get(key)
  if (found === undefined) {
    const origin = { key, stream, container: { id: name, name, image }, labels, host: 'test' }
    streams.set(key, (found = givenStream(origin)))
  }
  return found
}
