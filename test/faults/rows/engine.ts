import type { Row } from '../row.ts'
import type { Scene } from '../scene.ts'

const paced = { containers: 4, lines: 10_000, paced: { burst: 20, pauseMs: 20 } }

/** Two lives of the engine: what the first containers wrote until it went away, and others afterwards. */
async function stopWith(scene: Scene, away: () => Promise<void>): Promise<void> {
  await scene.startAndConnect({})
  // With the signal that the engine sends by itself the writers, which do not handle it, would have ten seconds to come to their end.
  const first = await scene.write({ ...paced, body: { StopSignal: 'SIGKILL' } }, 'engine')
  await scene.pause(1_000, 3_000)
  await away()
  await scene.pause(200, 1_500)
  await scene.engine.start()
  const second = await scene.write({ ...paced, lines: 3_000 }, 'engine')
  await scene.takeTruthOfEngine([...first, ...second])
}

/** The containers run on. */
async function leaveWith(scene: Scene, away: () => Promise<void>): Promise<void> {
  await scene.startAndConnect({})
  const ids = await scene.write(paced, 'engine')
  for (let i = 0; i < 2; i++) {
    await scene.pause(800, 2_500)
    await away()
    await scene.pause(200, 1_000)
    await scene.engine.start()
  }
  await scene.takeTruthOfEngine(ids)
}

export const engineRows: readonly Row[] = [
  {
    name: 'engine-restart',
    what: 'the engine restarted, which ends the containers',
    engine: 'real',
    run: (scene) => stopWith(scene, () => scene.engine.stop()),
  },
  {
    name: 'engine-sigkill',
    what: 'the engine killed, which ends the containers at its next start',
    engine: 'real',
    run: (scene) => stopWith(scene, () => scene.engine.kill()),
  },
  {
    name: 'engine-restart-live',
    what: 'the engine restarted twice, containers running on (live-restore)',
    engine: 'real',
    restore: 'live',
    run: (scene) => leaveWith(scene, () => scene.engine.stop()),
  },
  {
    name: 'engine-sigkill-live',
    what: 'the engine killed twice, containers running on (live-restore)',
    engine: 'real',
    restore: 'live',
    run: (scene) => leaveWith(scene, () => scene.engine.kill()),
  },
]
