import type { FunctionComponent } from 'preact'
import type { PipelineView } from '../../src/api/v1/schemas.ts'
import { formatCount, formatPercent, formatRate } from '../lib/format.ts'
import { type Component, type Edge, layOut } from '../lib/lay-out.ts'
import { useFeed } from '../lib/use-feed.ts'
import { Loading, State } from '../parts/common.tsx'

export const PipelinePage: FunctionComponent = () => {
  const { value, error } = useFeed<PipelineView>('pipeline', 1_000)
  if (!value) return <Loading error={error} />
  const { nodes, edges, width, height } = layOut(value.components)
  return (
    <>
      <p class="muted">
        Lines go from left to right; a line’s width tells its speed. A source waits when a queue behind it is full.
      </p>
      <div class="scroll graph" tabIndex={0} role="region" aria-label="The graph of components">
        <div class="nodes" style={{ width: `${width}px`, height: `${height}px` }}>
          <svg width={width} height={height} aria-hidden="true">
            {edges.map((edge) => (
              <EdgePath key={edge.key} edge={edge} />
            ))}
          </svg>
          {nodes.map(({ component, x, y }) => (
            <Node key={component.id} component={component} place={{ left: `${x}px`, top: `${y}px` }} />
          ))}
        </div>
      </div>
    </>
  )
}

const EdgePath: FunctionComponent<{ readonly edge: Edge }> = ({ edge: { from, points } }) => {
  const [first, ...others] = points
  const perSecond = from.component.lines.perSecond ?? 0
  let at = first!
  const curves = others.map((next) => {
    const middle = (at.x + next.x) / 2
    const curve = `C ${middle} ${at.y}, ${middle} ${next.y}, ${next.x} ${next.y}`
    at = next
    return curve
  })
  return (
    <path
      class={from.component.isHeldBack ? 'edge held' : 'edge'}
      d={`M ${first!.x} ${first!.y} ${curves.join(' ')}`}
      stroke-width={1 + Math.min(7, Math.log10(1 + perSecond) * 1.4)}
    />
  )
}

const verbs = { source: 'read', transform: 'let through', sink: 'acknowledged' } as const

const Node: FunctionComponent<{
  readonly component: Component
  readonly place: { readonly left: string; readonly top: string }
}> = ({ component, place }) => {
  const { id, kind, type, lines, drops, isHeldBack, fill, trouble } = component
  const lost = drops.filter(({ lines: { total } }) => total > 0)
  return (
    <article class={`node ${kind}`} style={place} data-component={id} aria-label={`${kind} ${id}`}>
      <header>
        <b class="clip">{id}</b>
        <span class="muted small">
          {kind} · {type}
        </span>
      </header>
      <p>
        <b class="number big">{formatRate(lines.perSecond)}</b> <span class="muted">lines/s</span>
      </p>
      <p class="muted small">
        <span data-test="lines">{formatCount(lines.total)}</span> {verbs[kind]}
      </p>
      {lost.map(({ reason, lines: { total } }) => (
        <p key={reason} class="small">
          {formatCount(total)} {reason}
        </p>
      ))}
      <p class="small clip" title={trouble ?? ''}>
        {trouble !== null ? (
          <State tone="bad">{trouble}</State>
        ) : isHeldBack ? (
          <State tone="warn">held back: a queue behind is full</State>
        ) : fill !== null ? (
          <State tone={fill >= 0.9 ? 'bad' : fill >= 0.5 ? 'warn' : 'good'}>queue {formatPercent(fill)} full</State>
        ) : (
          <State tone="good">well</State>
        )}
      </p>
    </article>
  )
}
