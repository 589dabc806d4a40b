/** Talks to the collector that has served this page. */
import { forgetToken, storedToken } from './token.ts'

export class ApiError extends Error {}

/** @throws ApiError with what the collector says, or that it does not answer. */
export async function ask<T>(path: string, signal?: AbortSignal): Promise<T> {
  return answerOf<T>(await reach(path, signal ? { signal } : {}))
}

/** Asks for something to be changed. @throws ApiError */
export async function change<T>(method: 'POST' | 'DELETE', path: string, body: object): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return answerOf<T>(await reach(path, { method, headers, body: JSON.stringify(body) }))
}

export async function reach(path: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(`api/v1/${path}`, withToken(init))
    if (response.status === 401) {
      // One that is not known is not shown again and again: the collector counts guesses.
      forgetToken()
      dispatchEvent(new Event('tokenneeded'))
    }
    return response
  } catch (error) {
    if (init.signal?.aborted === true) throw error
    throw new ApiError('The collector does not answer. Is it still running?')
  }
}

function withToken(init: RequestInit): RequestInit {
  const token = storedToken()
  if (token === undefined) return init
  const headers = new Headers(init.headers)
  headers.set('authorization', `Bearer ${token}`)
  return { ...init, headers }
}

async function answerOf<T>(response: Response): Promise<T> {
  if (response.ok) return (await response.json()) as T
  throw await refusalOf(response)
}

export async function refusalOf(response: Response): Promise<ApiError> {
  try {
    const { error, hint } = (await response.json()) as { error?: string; hint?: string }
    return new ApiError([error ?? response.statusText, hint].filter((text) => text !== undefined).join(' — '))
  } catch {
    return new ApiError(`The collector answered with status ${response.status}.`) // Something between us and it did.
  }
}
