import type { FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'
import { storeToken } from '../lib/token.ts'

/** Asks for a token as soon as the collector wants one. */
export const TokenForm: FunctionComponent = () => {
  const [isNeeded, setNeeded] = useState(false)
  const [token, setToken] = useState('')
  useEffect(() => {
    const onNeeded = () => setNeeded(true)
    addEventListener('tokenneeded', onNeeded)
    return () => removeEventListener('tokenneeded', onNeeded)
  }, [])
  if (!isNeeded) return null
  const submit = (event: Event) => {
    event.preventDefault()
    storeToken(token)
    // Everything that was refused is asked for again.
    location.reload()
  }
  return (
    <form class="note warn controls" aria-label="Access" onSubmit={submit}>
      <label>
        The collector asks for a token
        <input
          type="password"
          autocomplete="off"
          value={token}
          onInput={(event) => setToken(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={token === ''}>
        Go on
      </button>
      <span class="muted small">It is kept until this tab is closed.</span>
    </form>
  )
}
