import type { CriteriaFile } from '../../soak/read-criteria.ts'

/** What is asked of a collector where nobody asks for anything else; of these only what can be read is judged. */
export const defaultCriteria: CriteriaFile = {
  alpha: 0.01,
  resources: {
    descriptors: { below: '1/1000 operations', kind: 'count' },
    threads: { below: '1/1000 operations', kind: 'count' },
    timers: { below: '1/1000 operations', kind: 'count' },
    listeners: { below: '1/1000 operations', kind: 'count' },
    heap: { below: '262144/1000 operations', kind: 'size' },
    'engine descriptors': { below: '1/1000 operations', kind: 'count' },
    'engine goroutines': { below: '1/1000 operations', kind: 'count' },
    go_goroutines: { below: '1/1000 operations', kind: 'count' },
  },
}
