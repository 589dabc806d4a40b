import { codeOf } from '../lib/error.ts'
import { exitCodes } from './exit-code.ts'
import { runProgram } from './program.ts'

// `log-capturer list | head`: that the reader has seen enough is no failure. Whoever must know of it looks at its own writes.
for (const output of [process.stdout, process.stderr]) {
  output.on('error', (error) => {
    if (codeOf(error) !== 'EPIPE') throw error
  })
}
process.exitCode = await runProgram(process.argv.slice(2))
// What could not be delivered may still be on its way, into a pipe that nobody reads for example, and would keep the process.
if (process.exitCode === exitCodes.failure) process.exit()
