import type { ContainerStatus, RecentWish } from '../../component/source.ts'
import type { Engine } from '../../engine/engine.ts'
import { messageOf } from '../../lib/error.ts'
import type { Semaphore } from '../../lib/semaphore.ts'
import { readHistory } from './read-history.ts'

export interface RecentReads {
  readonly sourceId: string
  readonly engine: Engine
  readonly containers: readonly ContainerStatus[]
  /** So many logs are read at a time, whoever wants to see them: the pipeline comes first. */
  readonly reads: Semaphore
}

/** The last lines of the wanted containers that are collected. @returns what could not be read */
export async function readRecent(
  { sourceId, engine, containers, reads }: RecentReads,
  wish: RecentWish,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const isRead = ({ state, name }: ContainerStatus) =>
    state !== 'left_out' && state !== 'unreadable' && wish.isWanted(name)
  const one = async ({ id, name, image }: ContainerStatus): Promise<string[]> => {
    try {
      using _permit = await reads.acquire(signal)
      const taker = {
        ...{ hasRoom: true, room: () => Promise.resolve() },
        take: (batch: Parameters<RecentWish['take']>[0]) => {
          wish.take(batch)
          batch.release()
        },
      }
      const identity = { id, name, image, labels: {} }
      const read = { sourceId, identity, stream: wish.stream, from: { last: wish.lines }, taker }
      await readHistory(engine, { ...read, rest: 'is left' }, signal)
      return []
    } catch (error) {
      return [`the last lines of ${name} could not be read: ${messageOf(error)}`]
    }
  }
  return (await Promise.all(containers.filter(isRead).map(one))).flat()
}
