import { formatTimestamp } from '../lib/timestamp.ts'
import { type Exchange, sendJson } from './exchange.ts'

export function ping({ request, response }: Exchange): void {
  response.writeHead(200, {
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Length': request.method === 'HEAD' ? 0 : 2,
    'Cache-Control': 'no-cache, no-store, must-revalidate',
    Pragma: 'no-cache',
  })
  response.end(request.method === 'HEAD' ? undefined : 'OK')
}

export function version(exchange: Exchange): void {
  const { flavor } = exchange.engine
  sendJson(exchange, 200, {
    Platform: { Name: 'simulated' },
    Version: flavor.serverVersion,
    ApiVersion: flavor.apiVersion,
    MinAPIVersion: flavor.minApiVersion,
    Os: 'linux',
    Arch: 'amd64',
  })
}

/** Descriptors and goroutines of a quiet dockerd, the connection that asks included, and what a follow adds to them. */
const quiet = { descriptors: 28, goroutines: 38 }
const perFollow = { descriptors: 2, goroutines: 5 }

export function info(exchange: Exchange): void {
  const { engine } = exchange
  const { connections, follows } = engine.counts()
  const openFollows = follows.opened - follows.closed
  const { seconds, nanos } = engine.clock.now()
  const containers = [...engine.containers]
  sendJson(exchange, 200, {
    ID: engine.id,
    Name: engine.hostName,
    Containers: containers.length,
    ContainersRunning: containers.filter(({ status }) => status === 'running').length,
    ContainersPaused: containers.filter(({ status }) => status === 'paused').length,
    Driver: 'simulated',
    ...(engine.rootFolder === undefined ? {} : { DockerRootDir: engine.rootFolder }),
    Debug: true,
    NFd: quiet.descriptors + connections.opened - connections.closed + perFollow.descriptors * openFollows,
    NGoroutines: quiet.goroutines + perFollow.goroutines * openFollows,
    SystemTime: formatTimestamp(seconds, nanos),
    LoggingDriver: 'json-file',
    OSType: 'linux',
    Architecture: 'x86_64',
    OperatingSystem: 'simulated',
    ServerVersion: engine.flavor.serverVersion,
    LiveRestoreEnabled: engine.isLiveRestore,
  })
}
