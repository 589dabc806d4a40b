import type { FunctionComponent } from 'preact'
import { useState } from 'preact/hooks'

interface CopyProps {
  readonly text: () => string
  readonly what: string
}

/** Copies to the clipboard, and says whether that went well. */
export const CopyButton: FunctionComponent<CopyProps> = ({ text, what }) => {
  const [outcome, setOutcome] = useState('')
  const copy = async () => {
    setOutcome((await copyText(text())) ? 'Copied' : 'The browser does not allow it')
    setTimeout(() => setOutcome(''), 2_000)
  }
  return (
    <button type="button" onClick={() => void copy()} aria-label={`Copy the ${what}`}>
      {outcome || 'Copy'}
    </button>
  )
}

async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text)
    return true
  } catch {
    return copyBySelection(text) // The clipboard is for pages of localhost and of https.
  }
}

function copyBySelection(text: string): boolean {
  const area = document.createElement('textarea')
  area.value = text
  area.className = 'off-screen'
  document.body.append(area)
  area.select()
  const copyNow = (document as { execCommand?: (command: string) => boolean }).execCommand?.bind(document)
  const isCopied = copyNow?.('copy') ?? false
  area.remove()
  return isCopied
}
