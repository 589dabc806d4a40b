import { RE2JS } from 're2js'
import { messageOf } from './error.ts'

/** Why a text is no pattern of RE2; undefined: it is one. */
export function re2Problem(text: string): string | undefined {
  try {
    RE2JS.compile(text)
    return undefined
  } catch (error) {
    return messageOf(error).replace(/^error parsing regexp: /, '')
  }
}
