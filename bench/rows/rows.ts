import { toFiles, toLoki } from './full-speed.ts'
import { peers } from './peers.ts'
import type { Row } from './row.ts'
import { stageRows } from './stages.ts'
import { firstLine, quiet, steady } from './steady.ts'

export const rows: readonly Row[] = [
  toLoki('loki', 'json-file -> Loki (protobuf + snappy)', { encoding: 'protobuf' }),
  toLoki('loki-json', 'json-file -> Loki (JSON + gzip)', { encoding: 'json' }),
  toFiles('file', 'json-file -> rotated NDJSON files'),
  toLoki('loki-disk', 'json-file -> disk queue -> Loki (protobuf + snappy)', {
    encoding: 'protobuf',
    waitsOnDisk: true,
  }),
  toLoki('loki-filter', 'json-file -> substring filter -> Loki (protobuf + snappy)', {
    encoding: 'protobuf',
    transforms: { filter: { type: 'filter', inputs: ['engine'], exclude: ['no line has this in it'] } },
  }),
  toLoki('loki-api', 'engine API -> Loki (protobuf + snappy)', { encoding: 'protobuf', read: 'api' }),
  ...peers,
  steady('steady-1', 1),
  steady('steady-10', 10),
  steady('steady-100', 100),
  steady('steady-1000', 1_000),
  quiet('quiet-1000', 1_000),
  firstLine,
  ...stageRows,
]
