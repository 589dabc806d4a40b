import type { Row } from '../row.ts'
import type { Scene } from '../scene.ts'

async function step(scene: Scene, steps: readonly number[]): Promise<void> {
  // Loki refuses what is more than ten minutes in the future, or an hour behind.
  await scene.start({ isToFiles: true })
  let at = 0
  const write = async () => {
    for (let i = 0; i < 20; i++) {
      for (const name of ['clock-a', 'clock-b']) scene.writeSimulated(name, at, at + 50)
      at += 50
      await scene.pause(20, 80)
    }
  }
  await write()
  for (const seconds of steps) {
    scene.simulated.clock.step(seconds)
    await write()
  }
}

export const clockRows: readonly Row[] = [
  {
    name: 'clock-forth-back',
    what: "the engine's clock set forward by an hour, later back to the time of day",
    engine: 'simulated',
    run: (scene) => step(scene, [3_600, -3_600]),
  },
  {
    name: 'clock-back-forth',
    what: "the engine's clock set back by an hour, later forward again",
    engine: 'simulated',
    run: (scene) => step(scene, [-3_600, 3_600]),
  },
]
