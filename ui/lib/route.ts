import { useEffect, useState } from 'preact/hooks'

/** Where in the page we are: `#/tail?container=web-1`. */
export interface Route {
  readonly page: string
  readonly query: URLSearchParams
}

function readRoute(): Route {
  const [path = '', query = ''] = location.hash.replace(/^#\/?/, '').split('?')
  return { page: path, query: new URLSearchParams(query) }
}

export function useRoute(): Route {
  const [route, setRoute] = useState(readRoute)
  useEffect(() => {
    const onChange = () => setRoute(readRoute())
    addEventListener('hashchange', onChange)
    return () => removeEventListener('hashchange', onChange)
  }, [])
  return route
}
