const key = 'log-capturer-token'

/** The token for a collector that asks for one: as long as this tab is open, and nowhere else. */
export function storedToken(): string | undefined {
  return sessionStorage.getItem(key) ?? undefined
}

export function forgetToken(): void {
  sessionStorage.removeItem(key)
}

export function storeToken(token: string): void {
  sessionStorage.setItem(key, token)
}
