import type { FunctionComponent } from 'preact'
import type { SoakReports } from '../../src/api/v1/schemas.ts'
import { formatSeconds } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import { outcomeTones } from '../lib/watch-words.ts'
import { Loading, State } from './common.tsx'

/** What soaks have found, and how to make one whose report is shown here. */
export const SoakReportsPanel: FunctionComponent = () => {
  const { value, error } = useFeed<SoakReports>('soak-reports', 10_000)
  if (!value) return <Loading error={error} />
  const { folder, reports } = value
  return (
    <section class="panel">
      <h2>Soaks</h2>
      <p>
        The watch sees this collector under the load that it has. A soak makes a load of its own, stops it, lets the
        collector drain, reads what it still holds, and gives a verdict with limits. It runs beside this collector, on a
        simulated engine or on a real one. What is reported below <code>{folder}</code> is shown here:
      </p>
      <pre class="code" tabIndex={0}>
        {`log-capturer soak --report ${folder}/first\nlog-capturer soak --engine unix:///var/run/docker.sock --report ${folder}/second\nlog-capturer soak compare ${folder}/first/run.json ${folder}/second/run.json`}
      </pre>
      {reports.length === 0 ? (
        <p class="muted">There are no reports there.</p>
      ) : (
        <div class="scroll" tabIndex={0} role="region" aria-label="Reports of soaks">
          <table>
            <thead>
              <tr>
                <th scope="col">Report</th>
                <th scope="col">Begun</th>
                <th scope="col">Of</th>
                <th scope="col">Verdict</th>
              </tr>
            </thead>
            <tbody>
              {reports.map((report) => (
                <ReportRow key={report.name} {...report} />
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  )
}

const ReportRow: FunctionComponent<SoakReports['reports'][number]> = ({ name, run, problem, path }) => (
  <tr data-report={name}>
    <td>
      {/* Relative: the page may stand below a path of a proxy. */}
      <a href={path.slice(1)} target="_blank" rel="noopener noreferrer">
        {name}
      </a>
    </td>
    <td>{run ? new Date(run.startedAt).toLocaleString() : '–'}</td>
    <td>{run ? `${run.target}, ${formatSeconds(run.seconds)} on a ${run.engine} engine` : '–'}</td>
    <td class="text">
      {run ? (
        <>
          <State tone={outcomeTones[run.outcome]}>{run.headline}</State>
          <p class="muted small">{run.sentence}</p>
        </>
      ) : (
        <State tone="warn">{problem}</State>
      )}
    </td>
  </tr>
)
