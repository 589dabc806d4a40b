import { Command, CommanderError } from 'commander'
import { version } from '../app/version.ts'
import { exitCodes, exitStatusText, type ExitCode, usageCodeFor } from './exit-code.ts'
import { printError } from './print.ts'

type Done = (code: ExitCode) => void
type MakeVerb = (done: Done, program: Command) => Command

/** Each is loaded when it is asked for: what the others need takes longer to load than most verbs take to do their work. In the order of the help. */
const verbs: Readonly<Record<string, () => Promise<MakeVerb>>> = {
  run: async () => (await import('./run.ts')).runVerb,
  validate: async () => (await import('./validate.ts')).validateVerb,
  test: async () => (await import('./test/test.ts')).testVerb,
  try: async () => (await import('./try/try.ts')).tryVerb,
  convert: async () => (await import('./convert/convert.ts')).convertVerb,
  graph: async () => (await import('./graph/graph.ts')).graphVerb,
  doctor: async () => (await import('./doctor.ts')).doctorVerb,
  verify: async () => (await import('./verify.ts')).verifyVerb,
  soak: async () => (await import('./soak/soak.ts')).soakVerb,
  status: async () => (await import('./client/status.ts')).statusVerb,
  top: async () => (await import('./client/top.ts')).topVerb,
  tail: async () => (await import('./client/tail.ts')).tailVerb,
  reload: async () => (await import('./client/reload.ts')).reloadVerb,
  watch: async () => (await import('./watch.ts')).watchVerb,
  'support-bundle': async () => (await import('./client/support-bundle.ts')).supportBundleVerb,
  list: async () => (await import('./list.ts')).listVerb,
  schema: async () => (await import('./schema.ts')).schemaVerb,
  alerts: async () => (await import('./alerts.ts')).alertsVerb,
  dlq: async () => (await import('./dlq/dlq.ts')).dlqVerb,
  demo: async () => (await import('./demo.ts')).demoVerb,
  completion: async () => (await import('./completion.ts')).completionVerb,
  reference: async () => (await import('./reference.ts')).referenceVerb,
}
/** They look at all verbs. */
const overAll: ReadonlySet<string> = new Set(['completion', 'reference'])
const hidden: ReadonlySet<string> = new Set(['reference'])

const examples = `
Examples:
  log-capturer demo                        see it at work, with or without a container engine
  log-capturer run                         every container's log to files below ./state
  log-capturer run -c log-capturer.yaml    as the configuration says
  log-capturer validate -c log-capturer.yaml
  log-capturer test -c log-capturer.yaml   do transforms do what log-capturer.test.yaml says?
  log-capturer try '{ type: parse, format: json }' < app.log
  log-capturer convert promtail promtail.yaml
  log-capturer doctor -c log-capturer.yaml can it work here, and what is to be mended?
  log-capturer verify -c log-capturer.yaml is every line where it should be?
  log-capturer status                      how is the collector that runs? \`top\` goes on saying it
  log-capturer tail 'web-*'                lines as they pass
  log-capturer list                        sources, transforms and sinks, and what they take

${exitStatusText}`

/** Reads the command line and does what it says. */
export async function runProgram(words: readonly string[]): Promise<ExitCode> {
  let code: ExitCode = exitCodes.ok
  try {
    const program = await createProgram(words, (verbCode) => {
      code = verbCode
    })
    await program.parseAsync(words, { from: 'user' })
    return code
  } catch (error) {
    // Commander has printed its own already: help and version with status 0, misunderstandings with another.
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : usageCodeFor(words)
    printError(error)
    return exitCodes.failure
  }
}

/** The program with the verb that `words` name, or with all of them. A verb that can end otherwise than well, without an error, tells `done` how. */
async function createProgram(words: readonly string[], done: Done): Promise<Command> {
  const program = new Command('log-capturer')
    .description("Collects every container's log and delivers it.")
    .version(version, '--version', 'print the version')
    // Options belong to the verb that they follow: `soak` and `soak judge` both have --json.
    .enablePositionalOptions()
    .helpOption('-h, --help', 'print help')
    .helpCommand('help [verb]', 'print help for a verb')
    .addHelpText('after', examples)
  for (const [name, load] of verbsFor(words)) {
    program.addCommand((await load())(done, program), { hidden: hidden.has(name) })
  }
  for (const command of withNested(program)) {
    command.exitOverride().helpOption('-h, --help', 'print help').showHelpAfterError('(--help says what there is)')
  }
  return program
}

function verbsFor([first = '']: readonly string[]): readonly (readonly [string, () => Promise<MakeVerb>])[] {
  if (first === '--version') return []
  const named = overAll.has(first) ? undefined : Object.entries(verbs).find(([name]) => name === first)
  return named === undefined ? Object.entries(verbs) : [named]
}

function withNested(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withNested)]
}
