import type { ServerResponse } from 'node:http'
import type { EngineClock } from './clock.ts'
import type { SimulatedContainer } from './container.ts'
import type { ContainerSpec } from './container-spec.ts'
import type { Containers } from './containers.ts'
import type { EngineCounts } from './counts.ts'
import type { EventLog } from './event-log.ts'
import type { Faults } from './faults.ts'
import type { Flavor } from './flavor.ts'

/** What the API's routes need of the engine. */
export interface Daemon {
  readonly id: string
  readonly hostName: string
  readonly rootFolder: string | undefined
  readonly clock: EngineClock
  readonly flavor: Flavor
  readonly isLiveRestore: boolean
  readonly containers: Containers
  readonly events: EventLog
  readonly faults: Faults
  counts(): EngineCounts
  /** Creates what a request has asked for. */
  create(spec: ContainerSpec, name?: string): SimulatedContainer
  emit(container: SimulatedContainer, action: string, attributes?: Readonly<Record<string, string>>): void
  /** A follow was opened; it is counted, and can be cut from outside, until its response closes. */
  enterFollow(response: ServerResponse, container: SimulatedContainer): void
  enterRead(response: ServerResponse): void
  /** Bytes of a log body were sent. */
  countBody(bytes: number): void
}
