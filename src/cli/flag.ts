import { type Command, Option } from 'commander'

/** A flag and its twin in the environment: `--drain-timeout` and LOG_CAPTURER_DRAIN_TIMEOUT. The command line wins. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.env(`LOG_CAPTURER_${option.name().replaceAll('-', '_').toUpperCase()}`)
}

/** Whether a flag that takes no value is given. Its twin in the environment may also say no, which the parser takes for yes. */
export function isGiven(command: Command, flagName: string): boolean {
  const option = command.options.find(({ long }) => long === flagName)!
  const name = option.attributeName()
  if (command.getOptionValueSource(name) !== 'env') return command.getOptionValue(name) === true
  return !['', '0', 'false', 'no'].includes(process.env[option.envVar ?? ''] ?? '')
}
