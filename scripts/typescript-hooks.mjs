import { readFile } from 'node:fs/promises'
import ts from 'typescript'

const compilerOptions = { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, inlineSourceMap: true }

/** Node's hook: types are taken out of a TypeScript module as it is loaded. Nothing is checked. */
export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context)
  const { outputText } = ts.transpileModule(await readFile(new URL(url), 'utf8'), { compilerOptions, fileName: url })
  return { format: 'module', shortCircuit: true, source: outputText }
}
