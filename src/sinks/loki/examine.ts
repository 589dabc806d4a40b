import type { Examination, ExaminationContext, Finding } from '../../component/examination.ts'
import { clockAhead } from '../../lib/clock-ahead.ts'
import { codeOf, LogCapturerError, messageOf } from '../../lib/error.ts'
import { authorizationOf } from '../../lib/authorization.ts'
import { HttpPool } from '../../lib/http-pool.ts'
import { baseOf, connectOptionsOf, pushPath } from './connection.ts'
import type { LokiOptions } from './schema.ts'

const timeoutMs = 10_000
/** What an answer's `Date` tells apart, and Loki does not mind. */
const clockErrorSeconds = 2

const cures: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'see whether Loki runs, and listens at this address',
  ENOTFOUND: 'check the host name in url',
  EAI_AGAIN: 'check the host name in url, and the name server of this host',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'name the authority that signed the certificate of the server in tls.ca_file',
  SELF_SIGNED_CERT_IN_CHAIN: 'name the authority that signed the certificate of the server in tls.ca_file',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'name the authority that signed the certificate of the server in tls.ca_file',
  ERR_TLS_CERT_ALTNAME_INVALID: 'ask by the name that the certificate has, or name it in tls.server_name',
}

interface Answer {
  readonly status: number
  readonly clockAheadSeconds: number
}

/** Is a Loki there, does it know us, and does its clock go as ours? Asks by GET where lines are pushed by POST: it says 405, and takes nothing. */
export async function examine(options: LokiOptions, { signal }: ExaminationContext): Promise<Examination> {
  const url = `${new URL(options.url).origin}${baseOf(options.url)}${pushPath}`
  const descriptors = options.concurrency
  try {
    const answer = await ask(options, url, signal)
    return { findings: [judge(answer, url), ...clockFindings(answer)], descriptors }
  } catch (error) {
    signal.throwIfAborted()
    const cure =
      error instanceof LogCapturerError
        ? error.hint
        : (cures[codeOf(error) ?? ''] ?? 'check url and tls, and that the server can be reached from here')
    return { findings: [{ status: 'mend', subject: 'server', text: `${url}: ${messageOf(error)}`, cure }], descriptors }
  }
}

async function ask({ url: given, auth, tls, tenant }: LokiOptions, url: string, signal: AbortSignal): Promise<Answer> {
  const { origin, pathname } = new URL(url)
  await using pool = new HttpPool({
    origin,
    maxConnections: 1,
    idleTimeoutMs: timeoutMs,
    timeoutMs,
    maxAnswerBytes: 1024 * 1024,
    tls: tls && connectOptionsOf(tls),
  })
  const wanted = {
    'user-agent': 'log-capturer',
    ...(auth && { authorization: authorizationOf(auth) }),
    // One that depends on the container is not known here.
    ...(tenant !== undefined && !tenant.includes('{') && { 'x-scope-orgid': tenant }),
  }
  const sentAtMs = Date.now()
  const path = `${pathname}${new URL(given).search}`
  const { status, headers } = await pool.request({ method: 'GET', path, headers: wanted }, signal)
  const times = { dateMs: Date.parse(headers.date ?? ''), sentAtMs, receivedAtMs: Date.now() }
  return { status, clockAheadSeconds: clockAhead(times) }
}

function judge({ status }: Answer, url: string): Finding {
  const subject = 'server'
  const mend = (text: string, cure: string): Finding => ({ status: 'mend', subject, text: `${url} ${text}`, cure })
  switch (status) {
    case 401:
      return mend('wants to know who we are (401)', 'set auth, or tenant, or correct them')
    case 403:
      return mend('does not let us in (403)', 'correct auth and tenant, or let this user write')
    case 404:
      return mend('is not there (404): what answers is no Loki, or Loki is at another path', 'correct url')
  }
  if (status >= 500) return mend(`cannot take lines now: it answers ${status}`, 'see what its own log says')
  return { status: 'ok', subject, text: `${url} answers` }
}

/** Loki refuses lines from more than ten minutes ahead of its clock (creation_grace_period). */
function clockFindings({ clockAheadSeconds }: Answer): readonly Finding[] {
  const seconds = Math.round(Math.abs(clockAheadSeconds))
  if (seconds <= clockErrorSeconds) return []
  const text = `its clock is ${seconds} s ${clockAheadSeconds > 0 ? 'ahead of' : 'behind'} ours`
  return [{ status: 'mend', subject: 'clock', text, cure: 'set both clocks by NTP (chrony, systemd-timesyncd)' }]
}
