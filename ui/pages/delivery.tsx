import type { FunctionComponent } from 'preact'
import type { Sinks } from '../../src/api/v1/schemas.ts'
import { formatBytes, formatCount, formatRate, formatSeconds } from '../lib/format.ts'
import { useFeed } from '../lib/use-feed.ts'
import { Bar, Fact, Loading, State } from '../parts/common.tsx'
import { DeadLetters } from '../parts/dead-letters.tsx'

type Sink = Sinks['sinks'][number]

export const DeliveryPage: FunctionComponent = () => {
  const { value, error } = useFeed<Sinks>('sinks', 1_000)
  if (!value) return <Loading error={error} />
  return (
    <>
      <div class="cards">
        {value.sinks.map((sink) => (
          <SinkCard key={sink.id} sink={sink} />
        ))}
      </div>
      <DeadLetters />
    </>
  )
}

const breakers = {
  closed: { tone: 'good', word: 'delivers' },
  half_open: { tone: 'warn', word: 'trying whether the destination is back' },
  open: { tone: 'bad', word: 'breaker open: waiting before the next try' },
} as const

const SinkCard: FunctionComponent<{ readonly sink: Sink }> = ({ sink }) => {
  const { id, type, inputs, lines, bytes, rejected, retries, requests, queue, lagSeconds, trouble, concurrency } = sink
  const { tone, word } =
    trouble !== null && sink.breaker === 'closed'
      ? { tone: 'warn' as const, word: 'tries again' }
      : breakers[sink.breaker]
  return (
    <section class="panel" data-sink={id}>
      <h2>
        {id} <span class="muted">{type}</span> <State tone={tone}>{word}</State>
      </h2>
      {trouble !== null && <p class="note warn">{trouble}</p>}
      <dl class="facts">
        <Fact name="Lines/s">
          <b class="number">{formatRate(lines.perSecond)}</b>
        </Fact>
        <Fact name="Delivered">
          <span data-test="lines">{formatCount(lines.total)}</span> lines, {formatBytes(bytes.total)}
        </Fact>
        <Fact name="Lag">{formatSeconds(lagSeconds)}</Fact>
        <Fact name="Sent again">{formatCount(retries.total)} batches</Fact>
        <Fact name="Refused for good">{formatCount(rejected.total)} lines</Fact>
        <Fact name="At a time">{formatCount(concurrency)}</Fact>
        {requests.length > 0 && (
          <Fact name="Requests">
            {requests.map(({ result, requests: { total } }) => `${formatCount(total)} ${result}`).join(', ')}
          </Fact>
        )}
        <Fact name="Reads from">{inputs.join(', ')}</Fact>
      </dl>
      <Bar
        label="Queue in memory"
        share={queue.memoryBytes / Math.max(1, queue.memoryLimitBytes)}
        text={`${formatBytes(queue.memoryBytes)} of ${formatBytes(queue.memoryLimitBytes)}`}
      />
      {queue.diskLimitBytes > 0 && (
        <Bar
          label="Queue on disk"
          share={queue.diskBytes / queue.diskLimitBytes}
          text={`${formatBytes(queue.diskBytes)} of ${formatBytes(queue.diskLimitBytes)}, ${formatCount(queue.diskLines)} lines`}
        />
      )}
      <p class="muted small">
        When both are full {queue.whenFull === 'block' ? 'the sources wait.' : 'the oldest lines on disk are dropped.'}
        {queue.lost.map(({ reason, lines: { total } }) => ` ${formatCount(total)} lines lost: ${reason}.`)}
      </p>
    </section>
  )
}
