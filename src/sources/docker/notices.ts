import type { ManagedStream } from '../../engine/managed-stream.ts'
import type { Shared } from './shared.ts'

/** Opens a follow of a container's log whose lines nobody takes: `onNotice` is told that there are some. @throws as Engine.openLog */
export function openNotices(
  shared: Shared,
  id: string,
  onNotice: () => void,
  signal: AbortSignal,
): Promise<ManagedStream> {
  const { streams } = shared.options
  const query = { follow: true, tail: 0, stdout: streams.includes('stdout'), stderr: streams.includes('stderr') }
  const onBody = () => {
    onNotice()
    return true
  }
  return shared.engine.openLog(id, query, { onBody, idleTimeoutMs: 0 }, signal)
}
