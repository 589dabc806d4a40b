import { Scene } from './scene.ts'
import { faultsOf, type Result, type Row } from './row.ts'

/** One run of a row, from an empty machine to an empty machine; told on the terminal. */
export async function runRow(row: Row, seed: number): Promise<{ result: Result; faults: string[] }> {
  const fromMs = performance.now()
  await using scene = await Scene.open(row, seed)
  await row.run(scene)
  const result = await scene.finish(row)
  const faults = faultsOf(row, result)
  if (faults.length > 0) result.notes.push(...scene.arrived.examples, `what the collector said: ${scene.keepLog()}`)
  tell(row, result, { faults, seconds: (performance.now() - fromMs) / 1_000 })
  return { result, faults }
}

function tell(row: Row, result: Result, told: { readonly faults: readonly string[]; readonly seconds: number }): void {
  const { lines, lost, doubled, doubledByOtherId, outOfOrder, altered, peakMegabytes, notes, seed } = result
  const verdict = told.faults.length === 0 ? 'ok' : `NOT MET: ${told.faults.join(', ')}`
  const figures = `${lines} lines, ${lost} lost, ${doubled} doubled (${doubledByOtherId} of another id), ${outOfOrder} out of order, ${altered} altered, ${peakMegabytes} MB`
  const more = notes.length === 0 ? '' : `\n    ${notes.join('\n    ')}`
  process.stderr.write(`${row.name} seed ${seed}: ${verdict}\n    ${figures}, ${told.seconds.toFixed(0)} s${more}\n`)
}
