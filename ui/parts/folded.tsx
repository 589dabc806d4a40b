import type { ComponentChildren, FunctionComponent } from 'preact'
import { useEffect, useState } from 'preact/hooks'

/** As in style.css. */
const narrow = matchMedia('(max-width: 760px)')

/** What is folded away on a narrow screen, until it is asked for. */
export const Folded: FunctionComponent<{ readonly title: string; readonly children: ComponentChildren }> = ({
  title,
  children,
}) => {
  const [isNarrow, setNarrow] = useState(narrow.matches)
  useEffect(() => {
    const onChange = () => setNarrow(narrow.matches)
    narrow.addEventListener('change', onChange)
    return () => narrow.removeEventListener('change', onChange)
  }, [])
  if (!isNarrow) return <>{children}</>
  return (
    <details class="folded">
      <summary>{title}</summary>
      {children}
    </details>
  )
}
