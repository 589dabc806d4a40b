import { defineSink } from '../../component/sink.ts'
import { examine } from './examine.ts'
import { FileSink } from './file-sink.ts'
import { options } from './schema.ts'

export const file = defineSink({
  name: 'file',
  summary: 'Writes lines to files, as text or NDJSON, with rotation and retention.',
  options,
  exclusivePaths: ['path'],
  examples: [
    { path: './logs/{container.name}.{stream}.log', format: 'text' },
    {
      path: './logs/{container.name}/{date}.ndjson',
      rotate: { size: '100MiB' },
      compress: 'gzip',
      keep: { files: 10 },
    },
  ],
  open: (chosen, context) => FileSink.open(chosen, context),
  examine,
})
