import protobuf from 'protobufjs'
import { type Push, Refusal } from './push.ts'

/** Field numbers: pkg/push/push.proto of Loki. `line` is read as bytes: what was sent is compared byte for byte. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message PushRequest { repeated Stream streams = 1; }
  message Stream { string labels = 1; repeated Entry entries = 2; uint64 hash = 3; }
  message Entry { Timestamp timestamp = 1; bytes line = 2; repeated Pair structuredMetadata = 3; }
  message Timestamp { int64 seconds = 1; int32 nanos = 2; }
  message Pair { string name = 1; string value = 2; }
`)
const pushRequest = root.lookupType('PushRequest')

interface Message {
  readonly streams: readonly {
    readonly labels: string
    readonly entries: readonly {
      /** Absent where it is not sent: the time zero. */
      readonly timestamp: { readonly seconds: number | { toNumber(): number }; readonly nanos: number } | null
      readonly line: Uint8Array
      readonly structuredMetadata: readonly { readonly name: string; readonly value: string }[]
    }[]
  }[]
}

/** Reads `PushRequest`; throws a refusal when it is none. */
export function readProtobuf(body: Uint8Array): Push {
  const { streams } = decode(body)
  return {
    bytes: body.length,
    streams: streams.map(({ labels, entries }) => ({
      labels,
      entries: entries.map(({ timestamp, line, structuredMetadata }) => ({
        seconds: Number(timestamp?.seconds ?? 0),
        nanos: timestamp?.nanos ?? 0,
        line,
        metadata: structuredMetadata.map(({ name, value }) => [name, value] as const),
      })),
    })),
  }
}

/** For the tests of the receiver itself, which speak its language without the product's encoder. */
export function writeProtobuf(streams: readonly object[]): Uint8Array {
  return pushRequest.encode(pushRequest.fromObject({ streams })).finish()
}

function decode(body: Uint8Array): Message {
  try {
    return pushRequest.decode(body) as unknown as Message
  } catch (error) {
    throw new Refusal(400, `proto: ${(error as Error).message}`)
  }
}
