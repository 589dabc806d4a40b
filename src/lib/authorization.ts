/** Who asks: a bearer token, or a user with a password. */
export type Login = { readonly token: string } | { readonly username: string; readonly password: string }

/** The header Authorization (RFC 6750, 2.1; RFC 7617, 2). */
export function authorizationOf(login: Login): string {
  if ('token' in login) return `Bearer ${login.token}`
  return `Basic ${Buffer.from(`${login.username}:${login.password}`).toString('base64')}`
}
