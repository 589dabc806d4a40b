import { Option } from 'commander'

/** A flag and its twin in the environment: `--drain-timeout` and LOG_CAPTURER_DRAIN_TIMEOUT. The command line wins. */
export function flag(flags: string, description: string): Option {
  const option = new Option(flags, description)
  return option.env(`LOG_CAPTURER_${option.name().replaceAll('-', '_').toUpperCase()}`)
}
