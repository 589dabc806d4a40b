import type { FunctionComponent } from 'preact'
import type { ConfigurationView } from '../../src/api/v1/schemas.ts'
import { useFeed } from '../lib/use-feed.ts'
import { CopyButton } from '../parts/copy-button.tsx'
import { Loading } from '../parts/common.tsx'

export const ConfigurationPage: FunctionComponent = () => {
  const { value, error } = useFeed<ConfigurationView>('configuration', 10_000)
  if (!value) return <Loading error={error} />
  return (
    <>
      <div class="controls">
        <p class="muted">
          What is in force, defaults included. Secrets are shown as <code>***</code>.
        </p>
        <CopyButton text={() => value.yaml} what="configuration" />
      </div>
      <pre class="panel code" tabIndex={0} aria-label="The configuration, as YAML">
        {value.yaml.split('\n').map((line, index) => (
          <Line key={index} line={line} />
        ))}
      </pre>
    </>
  )
}

const Line: FunctionComponent<{ readonly line: string }> = ({ line }) => {
  const [, indent = '', key, rest = ''] = /^(\s*(?:- )?)([\w-]+:)(.*)$/.exec(line) ?? []
  if (key === undefined) return <>{`${line}\n`}</>
  return (
    <>
      {indent}
      <span class="key">{key}</span>
      {`${rest}\n`}
    </>
  )
}
