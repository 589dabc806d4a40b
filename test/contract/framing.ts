import { connect } from 'node:net'
import { beforeAll, describe, expect, test } from 'vitest'
import { textsOf } from '../helpers/frames.ts'
import { until } from '../helpers/until.ts'
import type { Scene } from './scene.ts'

const mebibyte = 1_048_576
const timestampForm = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/

/** What a line is called, its bytes, and the text that the json-file driver makes of them. */
const byteCases: readonly (readonly [string, readonly number[], string])[] = [
  ['two stray bytes', [0xff, 0xfe], '\ufffd\ufffd'],
  ['a sequence cut by the line feed', [0xe2, 0x82], '\ufffd\ufffd'],
  ['a sequence cut by a letter', [0xf0, 0x9f, 0x92, 0x61], '\ufffd\ufffd\ufffda'],
  ['an overlong sequence', [0xc0, 0x80], '\ufffd\ufffd'],
  ['half of a surrogate pair', [0xed, 0xa0, 0x80], '\ufffd\ufffd\ufffd'],
  ['valid text of 1 to 4 bytes', [...Buffer.from('aé€💩')], 'aé€💩'],
  ['control characters', [0, 13, 27, 7, 127], '\0\r\x1b\x07\x7f'],
  ['what JSON escapes', [...Buffer.from('<&>"\\\u2028')], '<&>"\\\u2028'],
  ['nothing', [], ''],
]

export function framingContract(scene: () => Scene): void {
  test('frames hold stream, timestamp and text; the last may lack its line feed', async () => {
    const id = await scene().runToEnd([
      { print: 'out\n' },
      { print: 'err\n', to: 'stderr' },
      { print: 'last\n' },
      { print: 'tail' },
    ])
    const frames = await scene().client.logs(id)
    expect(textsOf(frames, 'stdout')).toEqual(['out\n', 'last\n', 'tail'])
    expect(textsOf(frames, 'stderr')).toEqual(['err\n'])
    for (const { timestamp } of frames) expect(timestamp).toMatch(timestampForm)
    expect(textsOf(await scene().client.logs(id, { stdout: 0 }))).toEqual(['err\n'])
    expect(textsOf(await scene().client.logs(id, { stderr: 0 }))).toEqual(['out\n', 'last\n', 'tail'])
    const bare = await scene().client.logs(id, { timestamps: 0, stderr: 0 })
    expect(bare.map(({ timestamp, payload }) => [timestamp, payload.toString()])).toEqual([
      [undefined, 'out\n'],
      [undefined, 'last\n'],
      [undefined, 'tail'],
    ])
  })

  test('a log answer names its content only from 1.42 on, and in 28 or later', async () => {
    const { client, engine } = scene()
    const id = await scene().runToEnd([{ print: 'x\n' }])
    const tty = await scene().runToEnd([{ print: 'x\n' }], { isTty: true })
    const typeOf = async (path: string) =>
      (await client.request('GET', `${path}/logs?stdout=1`)).headers['content-type']
    const isNew = engine.major >= 28
    const isOldSpoken = engine.major < 29
    if (isOldSpoken) {
      expect(await typeOf(`/v1.41/containers/${id}`)).toBe(isNew ? 'application/vnd.docker.raw-stream' : undefined)
    }
    expect(await typeOf(`/containers/${id}`)).toBe(isNew ? 'application/vnd.docker.multiplexed-stream' : undefined)
    expect(await typeOf(`/containers/${tty}`)).toBe(isNew ? 'application/vnd.docker.raw-stream' : undefined)
    const { headers } = await client.request('GET', `/containers/${id}/logs?stdout=1`)
    expect([headers['transfer-encoding'], headers['connection'], headers['ostype']]).toEqual([
      'chunked',
      undefined,
      'linux',
    ])
  })

  test('a terminal has one stream, no frames and CR LF', async () => {
    const id = await scene().runToEnd([{ print: 'out\n' }, { print: 'err\n', to: 'stderr' }, { print: 'nolf' }], {
      isTty: true,
    })
    const { text } = await scene().client.request('GET', `/containers/${id}/logs?stdout=1&stderr=1&timestamps=1`)
    expect(text.replaceAll(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z /g, '@')).toBe('@out\r\n@err\r\n@nolf')
  })

  test('a terminal log has a timestamp at every 16384 bytes of a line', async () => {
    const id = await scene().runToEnd([{ fill: 51_200 }, { print: '\nshort\n' }], { isTty: true })
    const { text } = await scene().client.request('GET', `/containers/${id}/logs?stdout=1&timestamps=1`)
    const prefixes = [...text.matchAll(/\d{4}-\d\d-\d\dT[\d:]{8}\.\d{9}Z /g)].map(({ index }) => index)
    expect([text.length, prefixes]).toEqual([51_364, [0, 16_415, 32_830, 49_245, 51_326]])
  })

  test.each([
    [16_383, [16_384]],
    [16_384, [16_384, 1]],
    [16_385, [16_384, 2]],
    [51_200, [16_384, 16_384, 16_384, 2_049]],
    [mebibyte, [...Array<number>(64).fill(16_384), 1]],
  ])('a line of %i bytes comes in pieces of one timestamp', async (bytes, pieces) => {
    const id = await scene().runToEnd([{ fill: bytes }, { print: '\nshort\n' }])
    const frames = await scene().client.logs(id)
    const long = frames.slice(0, -1)
    expect(long.map(({ payload }) => payload.length)).toEqual(pieces)
    expect(long.map(({ payload }) => payload.at(-1) === 10)).toEqual(pieces.map((_, i) => i === pieces.length - 1))
    expect(new Set(long.map(({ timestamp }) => timestamp)).size).toBe(1)
    expect(frames.at(-1)!.payload.toString()).toBe('short\n')
    expect(frames.at(-1)!.timestamp! > long[0]!.timestamp!).toBe(true)
  })

  test('the local driver keeps bytes; 20.10 omits the line feed of a long line', async () => {
    const id = await scene().runToEnd(
      [{ fill: 51_200 }, { base64: Buffer.from('\n\xff\n', 'latin1').toString('base64') }],
      {
        hostConfig: { LogConfig: { Type: 'local' } },
      },
    )
    const frames = await scene().client.logs(id)
    const lastPiece = scene().engine.major >= 28 ? 2_049 : 2_048
    expect(frames.map(({ payload }) => payload.length)).toEqual([16_384, 16_384, 16_384, lastPiece, 2])
    expect(frames.at(-1)!.payload[0]).toBe(0xff)
  })

  describe('the bytes that json-file keeps', () => {
    let kept: string[]

    beforeAll(async () => {
      const bytes = byteCases.flatMap(([, line]) => [...line, 10])
      const id = await scene().runToEnd([{ base64: Buffer.from(bytes).toString('base64') }])
      kept = textsOf(await scene().client.logs(id))
    })

    test.each(byteCases.map(([what, , text], line) => ({ what, text, line })))('$what', ({ text, line }) => {
      expect(kept[line]).toBe(`${text}\n`)
    })
  })

  test('a line written in parts is one frame', async () => {
    const id = await scene().runToEnd([{ print: 'abc' }, { sleepMs: 30 }, { print: 'def' }, { print: '\n' }])
    expect(textsOf(await scene().client.logs(id))).toEqual(['abcdef\n'])
  })

  test('details stand between timestamp and text', async () => {
    const log = { LogConfig: { Type: 'json-file', Config: { labels: 'app', env: 'FOO' } } }
    const id = await scene().runToEnd([{ print: 'hi\n' }], {
      labels: { app: 'my app,x=y', other: '1' },
      environment: ['FOO=b ar'],
      hostConfig: log,
    })
    const plain = await scene().runToEnd([{ print: 'hi\n' }])
    expect(textsOf(await scene().client.logs(id, { details: 1 }))).toEqual(['FOO=b+ar,app=my+app%2Cx%3Dy hi\n'])
    expect(textsOf(await scene().client.logs(plain, { details: 1 }))).toEqual([' hi\n'])
  })

  test('a connection serves on after a follow that ended, and answers pipelined requests', async () => {
    const id = await scene().runToEnd([{ print: 'hi\n' }])
    const socket = connect(scene().engine.socketPath)
    try {
      let text = ''
      socket.on('data', (bytes) => (text += bytes.toString('latin1')))
      const request = (path: string) => `GET ${path} HTTP/1.1\r\nHost: d\r\n\r\n`
      socket.write(request(`/containers/${id}/logs?stdout=1&follow=1`) + request('/_ping') + request('/_ping'))
      await until('three answers', () => text.split('HTTP/1.1 200').length === 4, { seen: () => text })
      // One chunk for each frame.
      expect(text).toContain('\r\n\r\nb\r\n\x01\0\0\0\0\0\0\x03hi\n\r\n0\r\n\r\nHTTP/1.1')
    } finally {
      socket.destroy()
    }
  })
}
