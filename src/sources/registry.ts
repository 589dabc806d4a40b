// One line per source. The name exported is the name in the configuration and the name of the folder.
export { docker } from './docker/docker.ts'
export { push } from './push/push.ts'
