import { createRequire } from 'node:module'
import { pathToFileURL } from 'node:url'
import type { TransformOutput } from '@swc/wasm-typescript'

interface Context {
  readonly format?: string
}
type Load = (url: string, context: Context) => Promise<object>
type Transform = (source: string, options: { mode: 'strip-only'; filename: string }) => TransformOutput

/**
 * Node's hook that loads a module of TypeScript without its types. They become spaces, as in Node itself, so that places in errors stay what they are; what has to be compiled (enum, namespace) is
 * refused. Runs by its own text (`toString`): nothing that stands outside of it may be used.
 */
function typesHook(readFile: (path: URL, encoding: 'utf8') => Promise<string>, transform: Transform) {
  return async (url: string, context: Context, next: Load): Promise<object> => {
    if (!/\.m?ts$/.test(url)) return next(url, context)
    const source = await readFile(new URL(url), 'utf8')
    try {
      return {
        format: 'module',
        shortCircuit: true,
        source: transform(source, { mode: 'strip-only', filename: url }).code,
      }
    } catch (error) {
      const { message, startLine } = error as { message: string; startLine?: number }
      throw new SyntaxError(startLine === undefined ? message : `line ${startLine}: ${message}`)
    }
  }
}

/**
 * The module of the hook, as an address for `module.register()`; undefined where Node takes types away itself (22.18 and later), or where the script has none. The package is found when it is needed,
 * and no part of the program's file: most never need its 3.6 MB.
 */
export function typesHookFor(file: string): string | undefined {
  if (!/\.m?ts$/.test(file) || (process.features as { typescript?: unknown }).typescript) return undefined
  const stripper = pathToFileURL(createRequire(import.meta.url).resolve('@swc/wasm-typescript')).href
  const text = `import { readFile } from 'node:fs/promises'
import stripper from ${JSON.stringify(stripper)}
export const load = (${typesHook.toString()})(readFile, stripper.transformSync)`
  return `data:text/javascript,${encodeURIComponent(text)}`
}
