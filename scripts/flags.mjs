import { parseArgs } from 'node:util'

/** The command's flags; where one is not known, says which there are and ends with status 2. */
export function flagsOf(command, options) {
  try {
    return parseArgs({ options }).values
  } catch (error) {
    const texts = Object.entries(options).map(([name, { type }]) => `--${name}${type === 'string' ? ' VALUE' : ''}`)
    process.stderr.write(`${command}: ${error.message.split('. ')[0]}; there are ${texts.join(', ')}\n`)
    process.exit(2)
  }
}
