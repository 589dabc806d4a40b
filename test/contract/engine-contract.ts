import { afterAll, beforeAll, describe } from 'vitest'
import { daemonContract } from './daemon.ts'
import type { EngineUnderTest } from './engine-under-test.ts'
import { eventContract } from './events.ts'
import { framingContract } from './framing.ts'
import { lifeCycleContract } from './life-cycle.ts'
import { queryContract } from './queries.ts'
import { refusalContract } from './refusals.ts'
import { Scene } from './scene.ts'

/**
 * What the collector relies on, as facts about an engine. It holds on real engines, and the simulated one is measured by
 * it: where they differ, the simulated one is wrong.
 */
export function engineContract(open: () => Promise<EngineUnderTest>): void {
  let scene: Scene | undefined
  const theScene = () => scene!

  beforeAll(async () => {
    scene = new Scene(await open())
  })

  afterAll(async () => {
    await scene?.engine[Symbol.asyncDispose]()
  })

  describe('framing', () => framingContract(theScene))
  describe('queries', () => queryContract(theScene))
  describe('refusals', () => refusalContract(theScene))
  describe('events', () => eventContract(theScene))
  describe('life cycle', () => lifeCycleContract(theScene))
  describe('daemon', () => daemonContract(theScene))
}
