import type { Life } from '../work/plan.ts'

/** `HostConfig.LogConfig` of a create request: a rotating log is so small that it turns over within a run. */
export function logConfigOf({ isRotating }: Life): {
  readonly Type: string
  readonly Config: Readonly<Record<string, string>>
} {
  return { Type: 'json-file', Config: isRotating ? { 'max-size': '8k', 'max-file': '5' } : {} }
}
