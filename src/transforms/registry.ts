// One line per transform. The name exported is the name in the configuration and the name of the folder.
export { filter } from './filter/filter.ts'
export { redact } from './redact/redact.ts'
