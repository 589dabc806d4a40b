import type { ComponentChildren, FunctionComponent } from 'preact'
import type { Overview } from '../../src/api/v1/schemas.ts'
import { formatBytes, formatCount, formatPercent, formatRate, formatSeconds } from '../lib/format.ts'
import type { History } from '../lib/history.ts'
import { outcomeTones, outcomeWords, verdictWords } from '../lib/watch-words.ts'
import { Chart, type ChartSeries } from '../parts/chart.tsx'
import { Fact, Loading, State } from '../parts/common.tsx'

interface OverviewProps {
  readonly overview: Overview | undefined
  readonly history: History
}

export const OverviewPage: FunctionComponent<OverviewProps> = ({ overview, history }) => {
  if (!overview) return <Loading />
  const { reasons, status, engines, watch } = overview
  return (
    <>
      {status !== 'ok' && (
        <ul class={`note ${status === 'degraded' ? 'warn' : 'bad'}`}>
          {reasons.map((reason) => (
            <li key={reason}>{reason}</li>
          ))}
        </ul>
      )}
      <Tiles overview={overview} history={history} />
      <section class="panel">
        <h2>
          Leak watch <State tone={outcomeTones[watch.outcome]}>{outcomeWords[watch.outcome]}</State>
        </h2>
        <p data-test="verdict">
          {verdictWords(watch)} <a href="#/soak">In detail</a>
        </p>
      </section>
      <Engines engines={engines} />
      <Process overview={overview} />
    </>
  )
}

const Tiles: FunctionComponent<{ readonly overview: Overview; readonly history: History }> = ({
  overview,
  history,
}) => {
  const { lines, lagSeconds, queue, process } = overview
  const { times } = history
  const { open, limit } = process.descriptors
  const cores = process.cpuSeconds.perSecond
  const percent = (value: number) => `${Math.round(value)} %`
  return (
    <div class="tiles">
      <Tile
        title="Lines per second"
        value={
          <>
            <b class="series-1" data-test="lines-in-rate">
              {formatRate(lines.in.perSecond)}
            </b>{' '}
            in <b class="series-2">{formatRate(lines.out.perSecond)}</b> out
          </>
        }
        below={
          <>
            <span data-test="lines-in">{formatCount(lines.in.total)}</span> in,{' '}
            <span data-test="lines-out">{formatCount(lines.out.total)}</span> out since the start
          </>
        }
        {...{ times, format: formatRate, atLeast: 10 }}
        series={[
          { name: 'in', color: '--series-1', values: history.linesIn },
          { name: 'out', color: '--series-2', values: history.linesOut },
        ]}
        label={`Lines per second: ${formatRate(lines.in.perSecond)} in, ${formatRate(lines.out.perSecond)} out`}
      />
      <Tile
        title="Lag"
        value={<b>{formatSeconds(lagSeconds)}</b>}
        below="of the oldest batch that is not acknowledged"
        {...{ times, format: formatSeconds, atLeast: 0.1 }}
        series={[{ name: 'lag', color: '--series-1', values: history.lagSeconds }]}
        label={`Lag: ${formatSeconds(lagSeconds)}`}
      />
      <Tile
        title="Queues"
        value={<b>{formatPercent(queue.fill)}</b>}
        below={`${formatBytes(queue.memoryBytes)} in memory, ${formatBytes(queue.diskBytes)} on disk`}
        {...{ times, format: percent, atLeast: 10 }}
        series={[{ name: 'fill', color: '--series-1', values: history.fill }]}
        label={`The fullest queue: ${formatPercent(queue.fill)}`}
      />
      <Tile
        title="Descriptors"
        value={<b>{open === null ? '–' : formatCount(open)}</b>}
        below={limit === null ? 'no limit is known' : `of ${formatCount(limit)}`}
        {...{ times, format: formatCount, atLeast: 10 }}
        series={[{ name: 'open', color: '--series-1', values: history.descriptors }]}
        label={`Open descriptors: ${open ?? 'unknown'}`}
      />
      <Tile
        title="Heap"
        value={<b>{formatBytes(process.heapBytes)}</b>}
        below={`${formatBytes(process.residentBytes)} resident`}
        {...{ times, format: formatBytes, atLeast: 1 << 20, unit: 'bytes' }}
        series={[{ name: 'heap', color: '--series-1', values: history.heapBytes }]}
        label={`JavaScript heap: ${formatBytes(process.heapBytes)}`}
      />
      <Tile
        title="Processor"
        value={<b>{cores === null ? '–' : formatPercent(cores)}</b>}
        below="of one core"
        {...{ times, format: percent, atLeast: 10 }}
        series={[{ name: 'processor', color: '--series-1', values: history.processor }]}
        label={`Processor: ${cores === null ? 'not known yet' : formatPercent(cores)} of a core`}
      />
    </div>
  )
}

interface TileProps {
  readonly title: string
  readonly value: ComponentChildren
  readonly below: ComponentChildren
  readonly times: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly label: string
  readonly format: (value: number) => string
  readonly atLeast: number
  readonly unit?: 'bytes'
}

const Tile: FunctionComponent<TileProps> = ({ title, value, below, ...chart }) => (
  <section class="panel tile">
    <h2>{title}</h2>
    <p class="value">{value}</p>
    <p class="muted small">{below}</p>
    <Chart {...chart} />
  </section>
)

const Engines: FunctionComponent<Pick<Overview, 'engines'>> = ({ engines }) => (
  <section class="panel">
    <h2>Engines</h2>
    <div class="scroll" tabIndex={0} role="region" aria-label="Engines">
      <table>
        <thead>
          <tr>
            <th scope="col">Source</th>
            <th scope="col">State</th>
            <th scope="col">Engine</th>
            <th scope="col">API</th>
            <th scope="col">Address</th>
            <th scope="col" class="number">
              Followed
            </th>
          </tr>
        </thead>
        <tbody>
          {engines.map((engine) => (
            <tr key={engine.source}>
              <td>{engine.source}</td>
              <td>
                {engine.isConnected ? (
                  <State tone="good">connected</State>
                ) : (
                  <State tone="bad">not connected: {engine.detail}</State>
                )}
              </td>
              <td>{engine.product === null ? '–' : `${engine.product} ${engine.version ?? ''}`}</td>
              <td>{engine.apiVersion ?? '–'}</td>
              <td class="mono">{engine.address ?? '–'}</td>
              <td class="number">{formatCount(engine.streams)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  </section>
)

const Process: FunctionComponent<{ readonly overview: Overview }> = ({ overview }) => {
  const { containers, streams, uptimeSeconds, bytes } = overview
  const states = Object.entries(containers).filter(([, count]) => count > 0)
  return (
    <section class="panel">
      <h2>The collector</h2>
      <dl class="facts">
        <Fact name="Running for">{formatSeconds(uptimeSeconds)}</Fact>
        <Fact name="Bytes in, out">
          {formatBytes(bytes.in.total)}, {formatBytes(bytes.out.total)}
        </Fact>
        <Fact name="Containers">
          {states.length === 0
            ? 'none'
            : states.map(([state, count]) => `${formatCount(count)} ${state.replaceAll('_', ' ')}`).join(', ')}
        </Fact>
        <Fact name="Streams">
          {formatCount(streams.active)} open; {formatCount(streams.opened)} opened, {formatCount(streams.closed)} closed
        </Fact>
      </dl>
    </section>
  )
}
