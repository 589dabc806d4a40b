import pc from 'picocolors'

/** Whether standard output shows colours: a terminal does, unless NO_COLOR forbids it. The library would also colour what goes to a file where CI is set. */
export function hasColors(): boolean {
  // Undefined, and not false, where it is no terminal.
  return process.stdout.isTTY ? pc.isColorSupported : false
}
