import type { ApiParts } from './routes.ts'
import type { WatchReport } from './watch-report.ts'

/** A watch that has found nothing. */
export const cleanWatch: WatchReport = {
  outcome: 'clean',
  watchedSeconds: 1,
  descriptors: { open: 9, limit: 99 },
  residentBytes: 1,
  resources: [],
}

const unasked = () => Promise.reject(new Error('no test here asks for facts'))

/** For tests that ask for other things. */
export const noFacts = {
  facts: {
    overview: unasked,
    containers: unasked,
    pipeline: unasked,
    sinks: unasked,
    diagnostics: unasked,
    soakReports: unasked,
    soakReportPage: unasked,
    watch: () => {
      throw new Error('no test here asks for the watch')
    },
    configuration: () => {
      throw new Error('no test here asks for the configuration')
    },
    openTail: () => {
      throw new Error('no test here asks for lines')
    },
  },
  lines: { take: () => Promise.reject(new Error('no test here posts lines')) },
  version: '0',
  scheme: 'http',
  access: { credentials: [], requestsPerSecond: 10_000, maxBodyBytes: 1024 * 1024 },
} satisfies Pick<ApiParts, 'facts' | 'lines' | 'version' | 'scheme' | 'access'>
