import type { FunctionComponent } from 'preact'
import { useState } from 'preact/hooks'
import type { WatchView } from '../../src/api/v1/schemas.ts'
import { formatSeconds } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import {
  amountText,
  outcomeTones,
  outcomeWords,
  resourceName,
  verdictWords,
  type WatchedResource,
} from '../lib/watch-words.ts'
import { Chart } from '../parts/chart.tsx'
import { Loading, State } from '../parts/common.tsx'
import { SoakReportsPanel } from '../parts/soak-reports.tsx'

export const SoakPage: FunctionComponent = () => {
  const { value: watch, error } = useFeed<WatchView>('watch', 10_000)
  if (!watch) return <Loading error={error} />
  // What is said of all is said above.
  const hasReasons = new Set(watch.resources.map(({ reason }) => reason)).size > 1
  return (
    <>
      <section class="panel">
        <h2>
          This collector, as it runs <State tone={outcomeTones[watch.outcome]}>{outcomeWords[watch.outcome]}</State>
        </h2>
        <p>{verdictWords(watch)}</p>
        <div class="scroll" tabIndex={0} role="region" aria-label="What the collector holds">
          <table>
            <thead>
              <tr>
                <th scope="col">Resource</th>
                <th scope="col">Verdict</th>
                <th scope="col" class="number">
                  Held
                </th>
                <th scope="col" class="number">
                  Growth an hour
                </th>
                <th scope="col" class="number">
                  Limits
                </th>
                <th scope="col" class="number">
                  Clean is below
                </th>
                <th scope="col" class="number">
                  Judged
                </th>
                {hasReasons && <th scope="col">Why there is no verdict</th>}
              </tr>
            </thead>
            <tbody>
              {watch.resources.map((resource) => (
                <Row key={resource.name} resource={resource} hasReasons={hasReasons} />
              ))}
            </tbody>
          </table>
        </div>
        <p class="muted small">
          Growth is what the load does not explain. Nothing is restarted by a verdict: it is also in the log, the
          metrics and /health.
        </p>
      </section>
      <Readings watch={watch} />
      <SoakReportsPanel />
    </>
  )
}

/** As docs/watch.md names the windows. */
const windowNames = ['3 hours', 'a day', 'a week']

const Readings: FunctionComponent<{ readonly watch: WatchView }> = ({ watch: { windows, resources } }) => {
  const [chosen, setChosen] = useState(0)
  const { series = [], stretchSeconds = 0 } = windows[chosen] ?? {}
  const nowSeconds = Date.now() / 1000
  const drawn = series.filter(({ held }) => held.length > 1)
  return (
    <section class="panel">
      <h2>What is judged</h2>
      <div class="controls">
        <label>
          Window
          <select value={String(chosen)} onChange={(event) => setChosen(Number(event.currentTarget.value))}>
            {windowNames.map((name, index) => (
              <option key={name} value={String(index)}>
                {name}
              </option>
            ))}
          </select>
        </label>
        <span class="muted">The least that was held in each stretch of {formatSeconds(stretchSeconds)}.</span>
      </div>
      {drawn.length === 0 && <p class="muted">There is something to see when two of these stretches are over.</p>}
      <div class="tiles">
        {drawn.map(({ name, secondsAgo, held }) => {
          const resource = resources.find((one) => one.name === name)
          const format = (value: number) => amountText({ unit: resource?.unit ?? 'items' }, value)
          return (
            <div key={name}>
              <p class="small">
                {resourceName({ name })} <b class="number">{format(held.at(-1)!)}</b>
              </p>
              <Chart
                times={secondsAgo.map((ago) => nowSeconds - ago)}
                series={[{ name, color: '--series-1', values: held }]}
                label={`${resourceName({ name })}: ${format(held.at(-1)!)}`}
                format={format}
                atLeast={1}
                {...(resource?.unit === 'bytes' ? { unit: 'bytes' as const } : {})}
              />
            </div>
          )
        })}
      </div>
    </section>
  )
}

const Row: FunctionComponent<{ readonly resource: WatchedResource; readonly hasReasons: boolean }> = ({
  resource,
  hasReasons,
}) => {
  const { outcome, held, growthPerHour: growth, judgedHours, criterionPerHour, reason } = resource
  return (
    <tr>
      <td>{resourceName(resource)}</td>
      <td>
        <State tone={outcomeTones[outcome]}>{outcomeWords[outcome]}</State>
      </td>
      <td class="number">{held === undefined ? '–' : amountText(resource, held)}</td>
      <td class="number">{growth ? amountText(resource, growth.rate) : '–'}</td>
      <td class="number">
        {growth ? `${amountText(resource, growth.low)} to ${amountText(resource, growth.high)}` : '–'}
      </td>
      <td class="number">{amountText(resource, criterionPerHour)}</td>
      <td class="number">{growth && judgedHours !== undefined ? formatSeconds(judgedHours * 3600) : '–'}</td>
      {hasReasons && <td class="muted">{reason ?? ''}</td>}
    </tr>
  )
}
