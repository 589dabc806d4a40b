import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Programs that are no collectors: a run with one of them must not pass. */
const programs = {
  /** Shows metrics that never change, and reads no log. */
  'stands-still': `
    import { createServer } from 'node:http'
    createServer((_, response) => response.end('process_open_fds 20\\ngo_goroutines 7\\n')).listen(Number(process.argv[2]), '127.0.0.1')`,
  dies: `setTimeout(() => process.exit(7), 2_500)`,
  /** Never holds the same number of descriptors twice in a row. */
  'never-rests': `
    import { closeSync, openSync } from 'node:fs'
    const open = []
    setInterval(() => {
      if (open.length < 40) open.push(openSync('/dev/null', 'r'))
      else while (open.length > 0) closeSync(open.pop())
    }, 30)`,
  idles: `setInterval(() => undefined, 1_000)`,
  /** Preloaded: the clock of the wall runs away. */
  'clock-step': `
    const { now } = Date
    const begin = now()
    // Ahead by more from second to second, whenever the run begins and ends.
    Date.now = () => begin + (now() - begin) * 20`,
} as const

/** Writes the program into the folder; gives back its path. */
export function writeProgram(folder: string, name: keyof typeof programs): string {
  const path = join(folder, `${name}.mjs`)
  writeFileSync(path, programs[name])
  return path
}
