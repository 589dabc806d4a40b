import type { Row } from '../row.ts'

/** 1 GB: of some 300 bytes, on two streams of each. */
const [containers, lines] = [4, 420_000]

export const backlogRows: readonly Row[] = [
  {
    name: 'backlog-1gb',
    what: 'the destination refuses for more than 60 s, 1 GB of lines waits; it returns while live lines keep coming',
    engine: 'real',
    hasBacklog: true,
    padding: { minPaddingBytes: 250, spreadBytes: 60 },
    async run(scene) {
      const queue = { sink: 'queue: { disk: 4GiB }' }
      await scene.startAndConnect(queue)
      const before = await rate(scene, () => scene.write({ containers: 3, lines: 60_000 }))
      await scene.receiver.goDown()
      const awayMs = performance.now()
      const ids = await scene.write({ containers, lines })
      await Promise.all(ids.map((id) => scene.engine.client.wait(id)))
      await scene.pause(Math.max(0, 60_000 - (performance.now() - awayMs)))
      const backlog = scene.missing
      await scene.write({ containers: 2, lines: 20_000, paced: { burst: 50, pauseMs: 50 } })
      await scene.receiver.comeBack()
      const after = await rate(scene, () => Promise.resolve())
      scene.notes.push(
        `${backlog} lines waited; delivered at ${Math.round(after)} lines/s while live ones came, before the fault at ${Math.round(before)} (${Math.round((100 * after) / before)} %)`,
      )
    },
  },
]

/** Lines a second from the call on, until everything that is expected has arrived. */
async function rate(scene: Parameters<Row['run']>[0], begin: () => Promise<unknown>): Promise<number> {
  const arrivedBefore = scene.arrived.counts.lines
  await begin()
  const fromMs = performance.now()
  await scene.untilArrived()
  return (scene.arrived.counts.lines - arrivedBefore) / ((performance.now() - fromMs) / 1_000)
}
