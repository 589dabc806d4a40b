import type { WatchReport } from './watch-report.ts'

/** A watch that has found nothing. */
export const cleanWatch: WatchReport = {
  outcome: 'clean',
  watchedSeconds: 1,
  descriptors: { open: 9, limit: 99 },
  residentBytes: 1,
  resources: [],
}
