import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { messageOf } from '../../lib/error.ts'
import { RunError } from '../run-error.ts'
import type { RunRecord } from '../run-record.ts'
import { svgFile } from './charts/file.ts'
import { htmlOf } from './html.ts'
import { markdownOf } from './markdown.ts'
import { figuresOf, reportOf } from './report.ts'

/**
 * Writes `run.json`, which is the record itself, `report.md`, `report.html` and `charts/*.svg`; the folder need not be there. Files of the same names are replaced.
 * Fails with a `RunError`.
 */
export async function writeReport(folder: string, run: RunRecord, baseline?: RunRecord): Promise<void> {
  const report = reportOf(run, baseline)
  const files = [
    { name: 'run.json', text: `${JSON.stringify(run)}\n` },
    { name: 'report.md', text: markdownOf(report) },
    { name: 'report.html', text: htmlOf(report) },
    ...figuresOf(report).map((figure) => ({ name: `charts/${figure.name}.svg`, text: svgFile(figure) })),
  ]
  await prepareFolder(folder)
  try {
    for (const { name, text } of files) await writeFile(join(folder, name), text)
  } catch (error) {
    throw new RunError(`${folder}: the report cannot be written: ${messageOf(error)}`, { cause: error })
  }
}

/** Makes the folder of a report. Fails with a `RunError` where nothing can be written to it. */
export async function prepareFolder(folder: string): Promise<void> {
  try {
    await mkdir(join(folder, 'charts'), { recursive: true })
    await access(folder, constants.W_OK)
  } catch (error) {
    throw new RunError(`${folder}: the report cannot be written: ${messageOf(error)}`, { cause: error })
  }
}
