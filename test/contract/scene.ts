import type { Step } from '../../src/simulator/programs.ts'
import type { EngineClient } from '../helpers/engine-client.ts'
import type { Frame } from '../helpers/frames.ts'
import { until } from '../helpers/until.ts'
import type { EngineUnderTest } from './engine-under-test.ts'

export interface ContainerOptions {
  readonly isTty?: boolean
  readonly labels?: Readonly<Record<string, string>>
  readonly environment?: readonly string[]
  readonly hostConfig?: object
}

/** What the contract's tests do with an engine, in the words of the tests. */
export class Scene {
  readonly engine: EngineUnderTest

  constructor(engine: EngineUnderTest) {
    this.engine = engine
  }

  get client(): EngineClient {
    return this.engine.client
  }

  /** Creates a container that will run `steps`; gives back its id. */
  create(steps: readonly Step[], options: ContainerOptions = {}): Promise<string> {
    return this.client.create({
      Image: this.engine.image,
      Cmd: this.engine.commandOf(steps),
      Tty: options.isTty ?? false,
      Labels: options.labels ?? {},
      Env: options.environment ?? [],
      HostConfig: { NetworkMode: 'none', ...options.hostConfig },
    })
  }

  /** Creates and starts. */
  async run(steps: readonly Step[], options: ContainerOptions = {}): Promise<string> {
    const id = await this.create(steps, options)
    await this.client.act(id, 'start')
    return id
  }

  /** Creates, starts and waits for the end. */
  async runToEnd(steps: readonly Step[], options: ContainerOptions = {}): Promise<string> {
    const id = await this.run(steps, options)
    await this.client.wait(id)
    return id
  }

  /** Waits until the log has a line of this text. */
  async untilLogged(id: string, text: string): Promise<void> {
    await until(`container ${id} has logged ${text}`, async () =>
      (await this.client.logs(id, { tail: 20 })).some(({ payload }) => payload.toString().trimEnd() === text),
    )
  }

  async statusOf(id: string): Promise<string> {
    const { State } = await this.client.get<{ State: { Status: string } }>(`/containers/${id}/json`)
    return State.Status
  }
}

/** `2026-11-23T12:48:58.320504526Z` plus some nanoseconds, as `since` and `until` want it. */
export function epochOf(timestamp: string, plusNanos = 0n): string {
  const seconds = BigInt(Date.parse(`${timestamp.slice(0, 19)}Z`) / 1000)
  const total = seconds * 1_000_000_000n + BigInt(timestamp.slice(20, -1).padEnd(9, '0')) + plusNanos
  return `${total / 1_000_000_000n}.${String(total % 1_000_000_000n).padStart(9, '0')}`
}

/** The rule that makes a follow and the read after it whole: per stream, only what is later than what one has. */
export function newerOf(frames: readonly Frame[], known: readonly Frame[] = []): Frame[] {
  const last: Record<Frame['stream'], string> = { stdout: '', stderr: '' }
  for (const { stream, timestamp = '' } of known) if (timestamp > last[stream]) last[stream] = timestamp
  return frames.filter(({ stream, timestamp = '' }) => {
    if (timestamp <= last[stream]) return false
    last[stream] = timestamp
    return true
  })
}

/** `prefix`1 ... `prefix`count with their line feeds. */
export function numbered(prefix: string, count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${prefix}${i + 1}\n`)
}
