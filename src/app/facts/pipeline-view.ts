import type { PipelineView } from '../../api/v1/schemas.ts'
import type { ComponentSpec } from '../../config/component-spec.ts'
import { componentOf } from '../../lib/input-name.ts'
import { registries } from '../registries.ts'
import type { FactSources } from './fact-sources.ts'
import { figureKey } from './figures.ts'
import type { MeasuredAmount } from './rates.ts'
import { fillOf, lostOf } from './sinks-view.ts'

type Component = PipelineView['components'][number]
type AmountOf = (key: string) => MeasuredAmount
type Parts = Pick<FactSources, 'pipeline' | 'metrics' | 'config'>

export async function pipelineView(parts: Parts, amountOf: AmountOf): Promise<PipelineView> {
  const { transforms } = parts.config()
  return {
    components: [
      ...sourcesOf(parts, amountOf),
      ...transforms.map(({ id, type, inputs }): Component => {
        const dropped = amountOf(figureKey('logsDropped', id))
        return {
          ...{ id, kind: 'transform', type, inputs: componentsOf(inputs) },
          lines: amountOf(figureKey('logsProcessed', id)),
          drops: [
            { reason: 'taken out', lines: dropped },
            ...(holdsBack(type)
              ? [{ reason: 'joined to another', lines: amountOf(figureKey('linesJoined', id)) }]
              : []),
          ],
          ...{ isHeldBack: false, fill: null, trouble: null },
        }
      }),
      ...(await sinksOf(parts, amountOf)),
    ],
  }
}

function holdsBack(type: keyof typeof registries.transforms): boolean {
  const spec: ComponentSpec = registries.transforms[type]
  return spec.holdsBack === true
}

function sourcesOf({ pipeline, config }: Parts, amountOf: AmountOf): Component[] {
  const states = new Map(pipeline.sources().map((source) => [source.id, source]))
  return config().sources.map(({ id, type }): Component => {
    const state = states.get(id)
    const away = state?.status.isConnected === true ? undefined : state?.status.detail
    return {
      ...{ id, kind: 'source', type, inputs: [] },
      lines: amountOf(figureKey('logsCollected', id)),
      drops: [{ reason: 'sent again by the engine', lines: amountOf(figureKey('repeatsDropped', id)) }],
      isHeldBack: state?.isHeldBack ?? false,
      fill: null,
      trouble: state?.failure ?? away ?? null,
    }
  })
}

async function sinksOf({ pipeline, metrics, config }: Parts, amountOf: AmountOf): Promise<Component[]> {
  const lanes = new Map(pipeline.sinks().map((lane) => [lane.id, lane]))
  const components: Component[] = []
  for (const { id, type, inputs, queue } of config().sinks) {
    const lane = lanes.get(id)
    components.push({
      ...{ id, kind: 'sink', type, inputs: componentsOf(inputs) },
      lines: amountOf(figureKey('logsSent', id)),
      drops: [
        { reason: 'refused by the destination', lines: amountOf(figureKey('logsRejected', id)) },
        ...(await lostOf(metrics, { sink: id, amountOf })),
      ],
      isHeldBack: false,
      fill: lane ? fillOf(lane, queue) : null,
      trouble: lane?.trouble ?? null,
    })
  }
  return components
}

/** Outputs of one component are one line of the drawing. */
function componentsOf(inputs: readonly string[]): string[] {
  return [...new Set(inputs.map(componentOf))]
}
