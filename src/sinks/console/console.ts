import pc from 'picocolors'
import { defineSink } from '../../component/sink.ts'
import { ConsoleSink } from './console-sink.ts'
import { options } from './schema.ts'

export const console = defineSink({
  name: 'console',
  summary: 'Prints lines for people, each behind the name of its container, to standard output.',
  options,
  examples: [{}, { color: 'never' }],
  async open({ color }, { log }) {
    const isColored = color === 'always' || (color === 'auto' && pc.isColorSupported && process.stdout.isTTY)
    return new ConsoleSink({ destination: process.stdout, isColored, log })
  },
})
