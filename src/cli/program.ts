import { Command, CommanderError } from 'commander'
import { version } from '../app/version.ts'
import { completionVerb } from './completion.ts'
import { demoVerb } from './demo.ts'
import { dlqVerb } from './dlq/dlq.ts'
import { exitCodes, exitStatusText, type ExitCode, usageCodeFor } from './exit-code.ts'
import { listVerb } from './list.ts'
import { printError } from './print.ts'
import { referenceVerb } from './reference.ts'
import { runVerb } from './run.ts'
import { schemaVerb } from './schema.ts'
import { soakVerb } from './soak/soak.ts'
import { validateVerb } from './validate.ts'
import { verifyVerb } from './verify.ts'
import { watchVerb } from './watch.ts'

const examples = `
Examples:
  log-capturer demo                        see it at work, with or without a container engine
  log-capturer run                         every container's log to files below ./state
  log-capturer run -c log-capturer.yaml    as the configuration says
  log-capturer validate -c log-capturer.yaml
  log-capturer verify -c log-capturer.yaml is every line where it should be?
  log-capturer list                        sources, transforms and sinks, and what they take

${exitStatusText}`

/** Reads the command line and does what it says. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  const program = createProgram((verbCode) => {
    code = verbCode
  })
  try {
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its own already: help and version with status 0, misunderstandings with another.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : usageCodeFor(words)
    printError(error)
    return exitCodes.failure
  }
}

/** Every verb; those that can end otherwise than well, without an error, tell `done` how. */
export function createProgram(done: (code: ExitCode) => void): Command {
  const program = new Command('log-capturer')
    .description("Collects every container's log and delivers it.")
    .version(version, '--version', 'print the version')
    // Options belong to the verb that they follow: `soak` and `soak judge` both have --json.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print help for a verb')
    .addHelpText('after', examples)
  const verbs = [
    runVerb(done),
    validateVerb(),
    verifyVerb(done),
    soakVerb(done),
    watchVerb(done),
    listVerb(),
    schemaVerb(),
    dlqVerb(done),
    demoVerb(done),
    completionVerb(program),
  ]
  for (const verb of verbs) program.addCommand(verb)
  program.addCommand(referenceVerb(program), { hidden: true })
  for (const command of withNested(program)) {
    command.exitOverride().helpOption('-h, --help', 'print help').showHelpAfterError('(--help says what there is)')
  }
  return program
}

function withNested(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withNested)]
}
