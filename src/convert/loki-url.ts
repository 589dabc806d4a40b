/** The address without credentials, and these. A variable in it stays as it is. */
export function lokiUrl(text: string): {
  readonly url: string
  readonly auth: { username: string; password: string } | undefined
} {
  const match = /^(https?:\/\/)([^:@/]+):([^@/]+)@(.*)$/.exec(text)
  if (match === null) return { url: text, auth: undefined }
  const [, scheme, username, password, rest] = match
  return {
    url: `${scheme!}${rest!}`,
    auth: { username: decodeURIComponent(username!), password: decodeURIComponent(password!) },
  }
}
