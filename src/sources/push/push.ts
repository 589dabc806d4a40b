import { defineSource } from '../../component/source.ts'
import { PushSource } from './push-source.ts'
import { options } from './schema.ts'

export const push = defineSource({
  name: 'push',
  summary: 'Takes the lines that are posted to the API, and says when they are safe.',
  options,
  examples: [{}, { container: 'backup', timeout: '10s' }],
  async open(chosen, context) {
    return new PushSource(chosen, context)
  },
  async examine() {
    const text = 'takes lines at POST /api/v1/logs'
    return { findings: [{ status: 'ok', subject: 'push', text }] }
  },
})
