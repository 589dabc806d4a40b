import type { Dashboard } from './dashboard.ts'
import { delivery } from './delivery.ts'
import { engine } from './engine.ts'
import { leakWatch } from './leak-watch.ts'
import { overview } from './overview.ts'

export const dashboards: readonly Dashboard[] = [overview, engine, delivery, leakWatch]
