import type { FunctionComponent } from 'preact'
import { CopyButton } from '../parts/copy-button.tsx'
import type { LineEntry } from './line-buffer.ts'
import { wholeText } from './shown-line.ts'

/** One line in full. */
export const LineDetail: FunctionComponent<{ readonly entry: LineEntry; readonly onClose: () => void }> = ({
  entry,
  onClose,
}) => {
  const { line } = entry
  return (
    <section class="panel detail" aria-label="The line in full">
      <div class="controls">
        <b>{line.container}</b>
        <span class="muted">
          {line.stream} · {line.time} · behind {line.at} · <span class="mono">{line.containerId.slice(0, 12)}</span>
          {line.flags?.map((flag) => ` · ${flag.replaceAll('_', ' ')}`)}
        </span>
        <span class="grow" />
        <CopyButton text={() => line.text} what="line" />
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <pre class="code" tabIndex={0} aria-label="Its text">
        {wholeText(entry)}
      </pre>
    </section>
  )
}
