import { endOfRun, isAlnum, isCredential, isUpper, isUrlSafe, isUrlSafeOrDot, isWord, nextRun } from './bytes.ts'
import type { Finds } from './finds.ts'
import type { Line } from './line.ts'

/** How a credential looks: a word that begins so, and goes on with so many bytes of a class. */
interface Form {
  readonly prefix: Buffer
  readonly isIn: Uint8Array
  readonly least: number
  readonly most: number
}

const form = (prefix: string, isIn: Uint8Array, least: number, most = Number.POSITIVE_INFINITY): Form => ({
  prefix: Buffer.from(prefix),
  isIn,
  least,
  most,
})

/** From the issuers' documents: GitHub, GitLab, npm, Docker Hub, PyPI, Hugging Face, AWS, Google, Slack, Stripe, OpenAI and Anthropic, SendGrid; JSON Web Tokens (RFC 7519). */
const forms: readonly Form[] = [
  ...['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'npm_'].map((prefix) => form(prefix, isAlnum, 36)),
  form('github_pat_', isUrlSafe, 22),
  ...['glpat-', 'dckr_pat_'].map((prefix) => form(prefix, isUrlSafe, 20)),
  form('pypi-', isUrlSafe, 50),
  form('hf_', isAlnum, 30),
  ...['AKIA', 'ASIA'].map((prefix) => form(prefix, isUpper, 16, 16)),
  form('AIza', isUrlSafe, 35),
  ...['xoxb-', 'xoxp-', 'xoxa-', 'xoxr-', 'xoxs-', 'xoxe-'].map((prefix) => form(prefix, isUrlSafe, 11)),
  ...['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'].map((prefix) => form(prefix, isAlnum, 16)),
  form('sk-', isUrlSafe, 20),
  form('SG.', isUrlSafeOrDot, 60),
  form('eyJ', isUrlSafeOrDot, 30),
]

/** Each of them has so many of these in one piece: shorter words are not looked at. */
const longWord = { isIn: isUrlSafe, least: 16 }

const formsByFirst: readonly (readonly Form[] | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  const found = forms.filter(({ prefix }) => prefix[0] === byte)
  return found.length > 0 ? found : undefined
})

const dot = 0x2e

/** Adds the credentials of known forms in the line. */
export function findTokens({ bytes, from, to }: Line, finds: Finds, rule: number): void {
  for (let run = nextRun(bytes, from, to, longWord); run !== -1; ) {
    let end = endOfRun(bytes, run, to, isUrlSafe)
    // The long word of SendGrid's is the second.
    const first = run >= from + 3 && bytes[run - 1] === dot ? run - 3 : run
    for (let at = first; at < end; at++) {
      if (at > from && isWord[bytes[at - 1]!] === 1) continue
      const tokenEnd = endOfToken(bytes, at, to)
      if (tokenEnd === -1) continue
      finds.add(at, tokenEnd, rule)
      end = Math.max(end, tokenEnd)
      at = tokenEnd
    }
    run = nextRun(bytes, end, to, longWord)
  }
}

const bearer = Buffer.from('earer ')

/** Lines without this have no bearer token. */
export const bearerNeedles = [bearer]

/** Adds what comes after `Bearer`, in a line that may have it (RFC 6750). */
export function findBearers({ bytes, from, to }: Line, finds: Finds, rule: number): void {
  const line = bytes.subarray(from, to)
  for (let at = line.indexOf(bearer); at !== -1; at = line.indexOf(bearer, at + 1)) {
    const body = from + at + bearer.length
    const end = endOfRun(bytes, body, to, isCredential)
    const isWordBearer = at > 0 && (line[at - 1]! | 0x20) === 0x62
    if (isWordBearer && end - body >= 16) finds.add(body, end, rule)
  }
}

/** Where the credential that begins at the word `from` ends; -1: there is none. */
function endOfToken(bytes: Uint8Array, from: number, limit: number): number {
  const candidates = formsByFirst[bytes[from]!]
  if (candidates === undefined) return -1
  for (const { prefix, isIn, least, most } of candidates) {
    if (!beginsWith(bytes, from, { prefix, limit })) continue
    const body = from + prefix.length
    const end = endOfRun(bytes, body, limit, isIn)
    const isWhole = end === limit || isWord[bytes[end]!] === 0
    if (isWhole && end - body >= least && end - body <= most) return end
  }
  return -1
}

function beginsWith(
  bytes: Uint8Array,
  from: number,
  { prefix, limit }: { readonly prefix: Uint8Array; readonly limit: number },
): boolean {
  if (from + prefix.length > limit) return false
  for (let i = 1; i < prefix.length; i++) if (bytes[from + i] !== prefix[i]) return false
  return true
}
