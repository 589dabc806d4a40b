import { Command } from 'commander'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { apiPage } from './reference-api.ts'
import { commandLinePage } from './reference-command-line.ts'
import { componentPages } from './reference-components.ts'
import { alertFiles, alertsPage, dashboardFiles } from './reference-monitoring.ts'
import { configurationPage, indexPage, metricsPage } from './reference-pages.ts'

/** Writes the generated documents into docs: `reference`, `dashboards` and `alerts`, folders of nothing else, and `alerts.md`. */
export function referenceVerb(_done: unknown, program: Command): Command {
  return new Command('reference')
    .description('write the generated documents into a folder')
    .argument('<folder>')
    .action((folder: string) => {
      const pages = {
        ...componentPages(),
        ...configurationPage(),
        ...metricsPage(),
        ...apiPage(),
        ...commandLinePage(program),
      }
      writeFolder(join(folder, 'reference'), { ...pages, ...indexPage(pages) })
      writeFolder(join(folder, 'dashboards'), dashboardFiles())
      writeFolder(join(folder, 'alerts'), alertFiles())
      writeText(join(folder, 'alerts.md'), alertsPage())
    })
}

function writeFolder(folder: string, files: Readonly<Record<string, string>>): void {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true })
  for (const [name, text] of Object.entries(files)) writeText(join(folder, name), text)
}

function writeText(path: string, text: string): void {
  writeFileSync(path, `${text.trimEnd()}\n`)
}
