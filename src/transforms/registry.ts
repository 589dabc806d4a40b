// One line per transform. The name exported is the name in the configuration and the name of the folder.
export { dedupe } from './dedupe/dedupe.ts'
export { filter } from './filter/filter.ts'
export { multiline } from './multiline/multiline.ts'
export { redact } from './redact/redact.ts'
export { route } from './route/route.ts'
export { sample } from './sample/sample.ts'
export { throttle } from './throttle/throttle.ts'
