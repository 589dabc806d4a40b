import type { CollectorConfig } from '../../app/registries.ts'
import { graphDot } from './graph-text.ts'

/** A picture of the way of lines, drawn by Graphviz, which is here as WebAssembly and is only loaded to draw. */
export async function graphSvg(config: CollectorConfig): Promise<string> {
  const { instance } = await import('@viz-js/viz')
  return (await instance()).renderString(graphDot(config), { format: 'svg' }).trimEnd()
}
