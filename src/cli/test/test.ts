import { readFileSync } from 'node:fs'
import { Command } from 'commander'
import { readTests } from '../../app/line-tests/read-tests.ts'
import { runTest, type TestResult } from '../../app/line-tests/run-tests.ts'
import type { CollectorConfig } from '../../app/registries.ts'
import type { ConfigInput } from '../../config/input.ts'
import { codeOf, LogCapturerError, messageOf } from '../../lib/error.ts'
import { deferred } from '../../lib/wait.ts'
import { counted } from '../../lib/words.ts'
import { addConfigFlags, type ConfigFlags, ConfigFlagsError, findConfig } from '../config-flags.ts'
import { type ExitCode, exitCodes } from '../exit-code.ts'
import { flag, isGiven } from '../flag.ts'
import { load } from '../load.ts'
import { ownLog } from '../own-log.ts'
import { printError, printLine } from '../print.ts'
import { catchStopSignals } from '../shutdown.ts'
import { watchConfig } from '../watch-config.ts'
import { resultText } from './result-text.ts'

/** A file of tests that cannot be read. */
class TestFileError extends LogCapturerError {
  readonly code = 'TEST_FILE'
}

const notes = `
Passes the lines of each test through the transforms of the configuration, as the collector would, and compares what comes to its sinks. Nothing is
opened: no engine, no destination, no file. Without files the tests of log-capturer.yaml are those in log-capturer.test.yaml.

  tests:
    - name: health checks go nowhere
      lines:
        - GET /health 200
        - { text: "ERROR no disk", container: db, stream: stderr, at: 2s }
      expect:
        disk: ["ERROR no disk"]     # a sink, a transform, or an output: router.errors

Exit status: 0 all passed; 1 one has failed, or there are mistakes in the files; 2 the command line was not understood.`

export function testVerb(done: (code: ExitCode) => void): Command {
  return addConfigFlags(new Command('test'))
    .argument('[files...]', 'files of tests')
    .addOption(flag('--watch', 'test again when the files change'))
    .description('test transforms: given lines, and what is to come of them')
    .addHelpText('after', notes)
    .action(async (named: readonly string[], flags: ConfigFlags, command: Command) => {
      const { input } = await findConfig(flags)
      const files = filesOfTests(input, named)
      if (isGiven(command, '--watch')) await testAgain(input, files)
      else done(testAll(load(input), files))
    })
}

/** Beside the configuration, where none are named. */
function filesOfTests(input: ConfigInput, named: readonly string[]): readonly string[] {
  if (named.length > 0) return named
  if (input.kind === 'files') return input.files.map((file) => file.replace(/(\.ya?ml)?$/, '.test.yaml'))
  throw new ConfigFlagsError('which tests are meant is not clear', {
    hint: 'name the file of tests, or give the configuration with --config',
  })
}

function testAll(config: CollectorConfig, files: readonly string[]): ExitCode {
  const results = files.flatMap((file) => testFile(config, file))
  const failed = results.filter(({ hasPassed }) => !hasPassed).length
  printLine(`${counted(results.length, 'test')}, ${failed === 0 ? 'all passed' : `${failed} failed`}`)
  return failed === 0 ? exitCodes.ok : exitCodes.failure
}

function testFile(config: CollectorConfig, file: string): readonly TestResult[] {
  const source = { name: file, text: readTestFile(file), beginning: 'tests:' }
  return readTests(source, config, process.env).map((test) => {
    const result = runTest(test, config)
    printLine(resultText(result))
    return result
  })
}

function readTestFile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    const why = codeOf(error) === 'ENOENT' ? 'there is no such file' : messageOf(error)
    throw new TestFileError(`reading the tests in ${file}: ${why}`, { hint: 'log-capturer test --help shows one' })
  }
}

/** Until asked to end. */
async function testAgain(input: ConfigInput, files: readonly string[]): Promise<void> {
  if (input.kind !== 'files') throw new ConfigFlagsError('--watch needs files', { hint: 'give --config' })
  const ended = deferred()
  using shutdown = catchStopSignals(0, () => ended.resolve())
  const look = () => {
    try {
      testAll(load(input), files)
    } catch (error) {
      printError(error)
    }
  }
  look()
  const [first, ...others] = input.files
  using _watch = watchConfig(
    { kind: 'files', files: [first, ...others, ...files] },
    { onChanged: look, log: ownLog('warn') },
  )
  if (!shutdown.stop.aborted) await ended.promise
}
