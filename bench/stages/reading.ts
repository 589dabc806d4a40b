import { FrameReader } from '../../src/engine/frame-reader.ts'
import { dockerPieces } from '../../src/engine/line-writer.ts'
import { ResponseReader } from '../../src/engine/response-reader.ts'
import { formatTimestamp } from '../../src/lib/timestamp.ts'
import { LocalScanner } from '../../src/log-file/local-scanner.ts'
import { createRecordScanner, type RecordScanner } from '../../src/log-file/record-scanner.ts'
import { dockerRecord, localRecord, readAll, type ReadRecord } from '../../src/log-file/testing.ts'
import { recordKind } from '../../src/log-file/records.ts'
import { type ColumnWriter, openColumns, scanInto } from './columns.ts'
import type { Pass, Stage } from './stage.ts'

/** Bytes that a socket gives at a time. */
const socketBytes = 64 * 1024
/** Bytes of a file that are taken apart at a time while an input is made. */
const fileBytes = 128 * 1024

export const reading: readonly Stage[] = [
  {
    name: 'stage-json-file',
    what: 'records of json-file -> columns',
    open: ({ records }) => scanning(records, createRecordScanner()),
  },
  {
    name: 'stage-unescape',
    what: 'records of json-file, every quote of their texts escaped twice -> columns',
    open: ({ records }) => scanning(madeOf(records, twiceEscaped), createRecordScanner()),
  },
  {
    name: 'stage-local',
    what: 'records of the driver local -> columns',
    open: ({ records }) => scanning(madeOf(records, localOf), new LocalScanner()),
  },
  {
    name: 'stage-frames',
    what: "the engine's answer in chunks, a frame each -> columns",
    open({ records }) {
      const wire = Buffer.concat([
        Buffer.from('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'),
        madeOf(records, chunkOf),
        Buffer.from('0\r\n\r\n'),
      ])
      const shared = Buffer.alloc(socketBytes)
      return counting((columns) => {
        const frames = new FrameReader({ streams: columns.streams, writer: columns.writer, rules: dockerPieces })
        columns.streams.stdout.beginRead()
        columns.streams.stderr.beginRead()
        const body = (bytes: Buffer, from: number, to: number) => frames.feed(bytes, from, to)
        const reader = new ResponseReader({ head: () => undefined, end: () => undefined, body })
        for (let at = 0; at < wire.length; at += shared.length)
          reader.feed(shared, 0, wire.copy(shared, 0, at, at + shared.length))
      })
    },
  },
]

function scanning(bytes: Buffer, scanner: RecordScanner): Pass {
  return counting((columns) => scanInto(bytes, scanner, columns))
}

/** Reads all lines into columns that are given back as soon as they are full. */
function counting(read: (columns: ColumnWriter) => void): Pass {
  return () => {
    let lines = 0
    const columns = openColumns((batch) => {
      lines += batch.count
      batch.release()
    })
    read(columns)
    columns.seal()
    return lines
  }
}

/** The lines of a file of json-file in another form. */
function madeOf(records: Buffer, formOf: (record: ReadRecord) => Buffer): Buffer {
  const cuts = Array.from({ length: Math.floor(records.length / fileBytes) }, (_, i) => (i + 1) * fileBytes)
  return Buffer.concat(readAll(createRecordScanner(), records, cuts).read.map(formOf))
}

function streamOf({ kind }: ReadRecord): 'stdout' | 'stderr' {
  return (kind & recordKind.stdout) === 0 ? 'stderr' : 'stdout'
}

function twiceEscaped(record: ReadRecord): Buffer {
  const { seconds, nanos } = record
  const log = `${JSON.stringify(textOf(record))}\n`
  return Buffer.from(dockerRecord({ log, stream: streamOf(record), time: formatTimestamp(seconds, nanos) }))
}

function localOf(record: ReadRecord): Buffer {
  const { seconds, nanos } = record
  return localRecord({ stream: streamOf(record), seconds, nanos, text: Buffer.from(record.text, 'latin1') })
}

function chunkOf(record: ReadRecord): Buffer {
  const payload = Buffer.from(`${formatTimestamp(record.seconds, record.nanos)} ${textOf(record)}\n`)
  const head = Buffer.alloc(8)
  head[0] = streamOf(record) === 'stdout' ? 1 : 2
  head.writeUInt32BE(payload.length, 4)
  const size = Buffer.from(`${(head.length + payload.length).toString(16)}\r\n`)
  return Buffer.concat([size, head, payload, Buffer.from('\r\n')])
}

function textOf({ text }: ReadRecord): string {
  return Buffer.from(text, 'latin1').toString()
}
