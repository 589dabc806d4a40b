const mebibyte = 1024 * 1024
const hour = 3600

/** What a Loki enforces. */
export interface LokiLimits {
  /** Whole pushes, by the bytes of their lines; `Infinity`: any rate. */
  readonly bytesPerSecond: number
  /** Also the most that one push may hold. */
  readonly burstBytes: number
  /** One stream; the other streams of the push are stored. `Infinity`: any rate. */
  readonly streamBytesPerSecond: number
  readonly streamBurstBytes: number
  /** A push, decompressed. */
  readonly maxRequestBytes: number
  /** A push between Loki's own parts; more is an answer of 500 that never goes away. */
  readonly maxMessageBytes: number
  readonly maxLineBytes: number
  readonly maxLabels: number
  readonly maxLabelNameBytes: number
  readonly maxLabelValueBytes: number
  readonly maxMetadataBytes: number
  readonly maxMetadataPairs: number
  /** Behind the newest entry of the stream. */
  readonly maxBehindSeconds: number
  readonly maxAheadSeconds: number
  readonly maxAgeSeconds: number
}

/**
 * The defaults of Loki 3.6. Window, age, rates, line and labels are measured on 3.6.15; the rest is from its reference of
 * `limits_config` and `server`. The rate of one stream is 3 MB/s there, but a stream is divided before it gets there.
 */
export const lokiLimits: LokiLimits = {
  bytesPerSecond: 4 * mebibyte,
  burstBytes: 6 * mebibyte,
  streamBytesPerSecond: Number.POSITIVE_INFINITY,
  streamBurstBytes: 15 * mebibyte,
  maxRequestBytes: 100 * mebibyte,
  maxMessageBytes: 4 * mebibyte,
  maxLineBytes: 256 * 1024,
  maxLabels: 15,
  maxLabelNameBytes: 1024,
  maxLabelValueBytes: 2048,
  maxMetadataBytes: 64 * 1024,
  maxMetadataPairs: 128,
  maxBehindSeconds: hour,
  maxAheadSeconds: hour / 6,
  maxAgeSeconds: 7 * 24 * hour,
}

/** A Loki whose operator has opened the gates: for loads, where the default rate would be all that is measured. */
export const generousLimits: LokiLimits = {
  ...lokiLimits,
  bytesPerSecond: Number.POSITIVE_INFINITY,
  burstBytes: Number.POSITIVE_INFINITY,
}
