import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import type { Overview } from '../src/api/v1/schemas.ts'
import { emptyHistory, withReading } from './lib/history.ts'
import { type Route, useRoute } from './lib/route.ts'
import { useTheme } from './lib/theme.ts'
import { type Feed, useFeed } from './lib/use-feed.ts'
import { ConfigurationPage } from './pages/configuration.tsx'
import { ContainersPage } from './pages/containers.tsx'
import { DeliveryPage } from './pages/delivery.tsx'
import { OverviewPage } from './pages/overview.tsx'
import { PipelinePage } from './pages/pipeline.tsx'
import { SoakPage } from './pages/soak.tsx'
import { TailPage } from './pages/tail.tsx'
import { TokenForm } from './parts/token-form.tsx'

const pages: readonly { readonly path: string; readonly title: string }[] = [
  { path: '', title: 'Overview' },
  { path: 'containers', title: 'Containers' },
  { path: 'tail', title: 'Live tail' },
  { path: 'pipeline', title: 'Pipeline' },
  { path: 'delivery', title: 'Delivery' },
  { path: 'soak', title: 'Soak' },
  { path: 'configuration', title: 'Configuration' },
]

export const App: FunctionComponent = () => {
  const route = useRoute()
  const overview = useFeed<Overview>('overview', 1_000)
  const [history, setHistory] = useState(emptyHistory)
  const { value } = overview
  useEffect(() => {
    if (value) setHistory((before) => withReading(before, value, Date.now()))
  }, [value])
  const page = pages.find(({ path }) => path === route.page) ?? pages[0]!
  useEffect(() => {
    document.title = `${page.title} · log-capturer`
  }, [page])
  return (
    <div class="frame">
      <a class="skip" href="#content" onClick={focusContent}>
        Skip to the content
      </a>
      <Sidebar current={page.path} overview={overview} />
      <main id="content" tabIndex={-1}>
        <header class="head">
          <h1>{page.title}</h1>
          {overview.error !== undefined && (
            <p class="note bad" role="alert">
              {overview.error}
            </p>
          )}
        </header>
        <TokenForm />
        <Page path={page.path} {...{ route, overview, history }} />
      </main>
    </div>
  )
}

/** Without changing the address, which says what page this is. */
function focusContent(event: Event): void {
  event.preventDefault()
  document.getElementById('content')?.focus()
}

interface PageProps {
  readonly path: string
  readonly route: Route
  readonly overview: Feed<Overview>
  readonly history: typeof emptyHistory
}

const Page: FunctionComponent<PageProps> = ({ path, route, overview, history }) => {
  switch (path) {
    case 'containers':
      return <ContainersPage />
    case 'tail':
      return <TailPage key={route.query.toString()} query={route.query} />
    case 'pipeline':
      return <PipelinePage />
    case 'delivery':
      return <DeliveryPage />
    case 'soak':
      return <SoakPage />
    case 'configuration':
      return <ConfigurationPage />
    default:
      return <OverviewPage overview={overview.value} history={history} />
  }
}

const statusWords = { ok: 'All is well', degraded: 'Degraded', 'not ready': 'Not ready' } as const

const Sidebar: FunctionComponent<{ readonly current: string; readonly overview: Feed<Overview> }> = ({
  current,
  overview: { value, error },
}) => {
  const [theme, nextTheme] = useTheme()
  const status = error !== undefined || value === undefined ? undefined : value.status
  return (
    <div class="sidebar">
      <p class="brand">
        <span class={`dot ${status === 'ok' ? 'good' : status === 'degraded' ? 'warn' : 'bad'}`} />
        log-capturer
      </p>
      <nav aria-label="Pages">
        {pages.map(({ path, title }) => (
          <a key={path} href={`#/${path}`} aria-current={path === current ? 'page' : undefined}>
            {title}
          </a>
        ))}
      </nav>
      <div class="foot">
        <span>{status === undefined ? 'No answer' : statusWords[status]}</span>
        {value && <span class="muted">version {value.version}</span>}
        <button type="button" class="quiet" onClick={nextTheme}>
          Theme: {theme}
        </button>
      </div>
    </div>
  )
}
