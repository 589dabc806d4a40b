import type { Finding } from '../../component/examination.ts'
import { LogCapturerError } from '../../lib/error.ts'
import { createMetrics } from '../../telemetry/metrics.ts'
import { createTransforms } from '../components.ts'
import type { CollectorConfig } from '../registries.ts'

/** Can the transform be made: is what it reads at the start there? Nothing is said of those that can. */
export function examineTransform(transform: CollectorConfig['transforms'][number]): readonly Finding[] {
  try {
    createTransforms({ transforms: [transform] }, createMetrics())
    return []
  } catch (error) {
    if (!(error instanceof LogCapturerError)) throw error
    return [{ status: 'mend', subject: transform.type, text: error.message, cure: error.hint }]
  }
}
