import { z } from 'zod'
import { quote } from './labels.ts'
import { type Entry, type Push, type PushStream, Refusal } from './push.ts'

/** A lone surrogate (half of a character) makes Loki refuse the whole push; so does a time that is a number. Both measured on 3.6.15. */
const text = z.string().refine((value) => !/\p{Surrogate}/u.test(value), 'invalid UTF-8')
const pairs = z.record(text, text)
const value = z.union([z.tuple([text, text]), z.tuple([text, text, pairs])])
const schema = z.object({ streams: z.array(z.object({ stream: pairs, values: z.array(value) })) })

/** Reads `{"streams":[{"stream":{...},"values":[["<nanoseconds>","<line>",{...}]]}]}`; throws a refusal when it is something else. */
export function readJson(body: Buffer): Push {
  const parsed = schema.safeParse(parse(body))
  if (!parsed.success) {
    const { path, message } = parsed.error.issues[0]!
    throw new Refusal(400, `loghttp.PushRequest.${path.join('.')}: ${message}`)
  }
  return { bytes: body.length, streams: parsed.data.streams.map(readStream) }
}

function readStream({ stream, values }: z.infer<typeof schema>['streams'][number]): PushStream {
  const labels = Object.entries(stream).map(([name, value]) => `${name}=${quote(value)}`)
  return { labels: `{${labels.join(', ')}}`, entries: values.map(readEntry) }
}

function readEntry([time, line, metadata = {}]: z.infer<typeof value>): Entry {
  if (!/^-?\d{1,19}$/.test(time)) throw new Refusal(400, `strconv.ParseInt: parsing ${quote(time)}: invalid syntax`)
  const nanosAt = Math.max(0, time.length - 9)
  return {
    seconds: Number(time.slice(0, nanosAt)),
    nanos: Number(time.slice(nanosAt)),
    line: Buffer.from(line),
    metadata: Object.entries(metadata),
  }
}

function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString())
  } catch (error) {
    throw new Refusal(400, `loghttp.PushRequest.Streams: ${(error as Error).message}`)
  }
}
