import { existsSync } from 'node:fs'
import { expect, test } from 'vitest'
import { describeWithEngine } from './describe-with-engine.ts'
import { EngineClient } from './engine-client.ts'
import { testImage } from './engine-image.ts'
import { processesWith } from './processes.ts'
import { RealEngine } from './real-engine.ts'

describeWithEngine('a private engine', () => {
  test('two run side by side, and leave nothing behind', async () => {
    const engines = await Promise.all([RealEngine.open({ isDebug: true }), RealEngine.open({ port: 'tls' })])
    const [first, second] = engines
    try {
      const id = await first.client.create({ Image: testImage, Cmd: ['sleep', '1000'] }, 'same-name')
      await first.client.act(id, 'start')
      await second.client.create({ Image: testImage, Cmd: ['true'] }, 'same-name')
      const { NFd } = await first.client.get<{ NFd: number }>('/info')
      expect(NFd).toBeGreaterThan(0)
      const { portHost: host, certificateFolder } = second
      await using overTls = new EngineClient({ host: host!, certificateFolder })
      expect(await overTls.isAnswering()).toBe(true)
      await using withoutCertificate = new EngineClient({ host: host! })
      expect(await withoutCertificate.isAnswering()).toBe(false)
    } finally {
      await Promise.all(engines.map((engine) => engine[Symbol.asyncDispose]()))
    }
    for (const { folder } of engines) {
      expect(existsSync(folder)).toBe(false)
      expect(processesWith(['--data-root', `${folder}/data`])).toEqual([])
    }
  })
})
