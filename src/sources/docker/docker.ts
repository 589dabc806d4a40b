import { defineSource } from '../../component/source.ts'
import { parseAddress } from '../../engine/address.ts'
import { engineCandidates } from '../../engine/find-engine.ts'
import { firstAnswering } from '../../engine/probe-engine.ts'
import { DockerSource } from './docker-source.ts'
import { examine } from './examine.ts'
import { options } from './schema.ts'

export const docker = defineSource({
  name: 'docker',
  summary: 'Follows the logs of the containers of a Docker or Podman engine.',
  options,
  examples: [{}, { host: 'unix:///var/run/docker.sock', include: { names: ['web-*'] }, from: 'now' }],
  async open(chosen, context) {
    const tls = chosen.tls && { certPath: chosen.tls.cert_path, isVerified: chosen.tls.verify }
    const address = chosen.host === undefined ? await findAddress() : parseAddress(chosen.host, tls)
    return DockerSource.open(chosen, address, context)
  },
  examine,
})

/** The first engine that answers; when none does, the best guess, which is then waited for. */
async function findAddress() {
  const candidates = engineCandidates()
  const found = await firstAnswering(candidates, new AbortController().signal)
  return (found ?? candidates[0]!).address
}
