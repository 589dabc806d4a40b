// One line per sink. The name exported is the name in the configuration and the name of the folder.
export { blackhole } from './blackhole/blackhole.ts'
export { console } from './console/console.ts'
export { file } from './file/file.ts'
export { loki } from './loki/loki.ts'
