import { Command } from 'commander'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './reference-api.ts'
import { commandLinePage } from './reference-command-line.ts'
import { componentPages } from './reference-components.ts'
import { configurationPage, indexPage, metricsPage } from './reference-pages.ts'

/** Writes the generated documents; a folder of nothing else. */
export function referenceVerb(_done: unknown, program: Command): Command {
  return new Command('reference')
    .description('write the reference documents into a folder')
    .argument('<folder>')
    .action((folder: string) => {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { recursive: true })
      const pages = {
        ...componentPages(),
        ...configurationPage(),
        ...metricsPage(),
        ...apiPage(),
        ...commandLinePage(program),
      }
      for (const [name, text] of Object.entries({ ...pages, ...indexPage(pages) })) {
        writeFileSync(join(folder, name), `${text.trimEnd()}\n`)
      }
    })
}
