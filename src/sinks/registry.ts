// One line per sink. The name exported is the name in the configuration and the name of the folder.
export { file } from './file/file.ts'
