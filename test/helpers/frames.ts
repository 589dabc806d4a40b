/** One frame of a log that is no TTY's, read without the product's own parser. */
export interface Frame {
  readonly stream: 'stdout' | 'stderr'
  /** As the engine wrote it; undefined when it was not asked for. */
  readonly timestamp: string | undefined
  readonly payload: Buffer
}

export function parseFrames(body: Buffer): Frame[] {
  const frames: Frame[] = []
  let at = 0
  while (at + 8 <= body.length) {
    const length = body.readUInt32BE(at + 4)
    const type = body[at]!
    if ((type !== 1 && type !== 2) || body.readUIntBE(at + 1, 3) !== 0) throw new Error(`no frame at byte ${at}`)
    if (at + 8 + length > body.length) break
    const content = body.subarray(at + 8, at + 8 + length)
    const timestamp = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z(?= )/.exec(content.toString('latin1', 0, 31))?.[0]
    frames.push({
      stream: type === 1 ? 'stdout' : 'stderr',
      timestamp,
      payload: timestamp === undefined ? content : content.subarray(timestamp.length + 1),
    })
    at += 8 + length
  }
  return frames
}

/** The texts of the frames, of one stream or of both. */
export function textsOf(frames: readonly Frame[], stream?: 'stdout' | 'stderr'): string[] {
  return frames.flatMap((frame) => (stream && frame.stream !== stream ? [] : [frame.payload.toString()]))
}
