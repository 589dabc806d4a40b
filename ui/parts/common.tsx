import type { ComponentChildren, FunctionComponent } from 'preact'

export type Tone = 'good' | 'warn' | 'bad' | 'idle'

/** A state in a word, with a dot of its colour beside it. */
export const State: FunctionComponent<{ readonly tone: Tone; readonly children: ComponentChildren }> = ({
  tone,
  children,
}) => (
  <span class="state">
    <span class={`dot ${tone}`} />
    {children}
  </span>
)

/** How much of something is used, 0 to 1. */
export const Bar: FunctionComponent<{ readonly label: string; readonly share: number; readonly text: string }> = ({
  label,
  share,
  text,
}) => {
  const percent = Math.round(Math.min(1, share) * 100)
  const tone = share >= 0.9 ? 'bad' : share >= 0.5 ? 'warn' : ''
  return (
    <div class="bar">
      <div class="bar-text">
        <span>{label}</span>
        <span class="number">{text}</span>
      </div>
      <div class={`track ${tone}`} role="meter" aria-label={label} aria-valuenow={percent} aria-valuetext={text}>
        <div style={{ width: `${percent}%` }} />
      </div>
    </div>
  )
}

/** Something known, with its name. */
export const Fact: FunctionComponent<{ readonly name: string; readonly children: ComponentChildren }> = ({
  name,
  children,
}) => (
  <div class="fact">
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
)

export const Loading: FunctionComponent<{ readonly error?: string | undefined }> = ({ error }) =>
  error === undefined ? (
    <p class="muted">Asking the collector …</p>
  ) : (
    <p class="note bad" role="alert">
      {error}
    </p>
  )
