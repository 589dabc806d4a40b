import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { codeOf, messageOf } from '../lib/error.ts'
import { defaultConfig } from './default-config.ts'
import type { SourceText } from './place.ts'
import type { Report } from './problem.ts'

/** Where the configuration comes from. */
export type ConfigInput =
  | { readonly kind: 'files'; readonly files: readonly [string, ...string[]] }
  /** All `*.yaml` and `*.yml` directly in it, in the order of their names. */
  | { readonly kind: 'directory'; readonly directory: string }
  | { readonly kind: 'text'; readonly text: string; readonly name: string }
  /** Nothing was given: every container to files below `dataDir`. */
  | { readonly kind: 'none'; readonly dataDir: string }

/** The documents of the input; what cannot be read is reported. */
export function readInput(input: ConfigInput, report: Report): readonly SourceText[] {
  const fail = (file: string, message: string, cure?: string) =>
    report({ file, position: undefined, path: '', message, cure })
  switch (input.kind) {
    case 'text':
      return [{ name: input.name, text: input.text }]
    case 'none':
      return [{ name: '<default>', text: defaultConfig(input.dataDir) }]
    case 'directory': {
      const files = listFiles(input, fail)
      return files.flatMap((file) => readText(file, fail))
    }
    case 'files':
      return input.files.flatMap((file) => readText(file, fail))
  }
}

/** The files of the input, in the order in which they are read; none where it is text. @throws when the directory cannot be read. */
export function filesOf(input: ConfigInput): readonly string[] {
  switch (input.kind) {
    case 'files':
      return input.files
    case 'directory': {
      const names = readdirSync(input.directory).filter((name) => /^[^.].*\.ya?ml$/.test(name))
      return names.sort().map((name) => join(input.directory, name))
    }
    case 'text':
    case 'none':
      return []
  }
}

type Fail = (file: string, message: string, cure?: string) => void

function listFiles(input: ConfigInput & { kind: 'directory' }, fail: Fail): readonly string[] {
  try {
    const files = filesOf(input)
    if (files.length === 0) fail(input.directory, 'there is no *.yaml or *.yml in this directory')
    return files
  } catch (error) {
    fail(input.directory, `the directory cannot be read: ${messageOf(error)}`)
    return []
  }
}

function readText(file: string, fail: Fail): readonly SourceText[] {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(readFileSync(file))
    return [{ name: file, text }]
  } catch (error) {
    if (codeOf(error) === 'ERR_ENCODING_INVALID_ENCODED_DATA') fail(file, 'the file is not UTF-8 text')
    else fail(file, `the file cannot be read: ${messageOf(error)}`)
    return []
  }
}
