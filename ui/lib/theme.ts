import { useEffect, useState } from 'preact/hooks'

export type Theme = 'system' | 'light' | 'dark'
const key = 'log-capturer-theme'
const themes: readonly Theme[] = ['system', 'light', 'dark']

/** The theme that was chosen, and how to choose the next one. */
export function useTheme(): readonly [Theme, () => void] {
  const [theme, setTheme] = useState<Theme>(readTheme)
  useEffect(() => {
    const root = document.documentElement
    if (theme === 'system') delete root.dataset['theme']
    else root.dataset['theme'] = theme
    localStorage.setItem(key, theme)
    dispatchEvent(new Event('themechange'))
  }, [theme])
  return [theme, () => setTheme((before) => themes[(themes.indexOf(before) + 1) % themes.length]!)]
}

/** Calls back when the colours have changed, by choice or with the system's. */
export function onThemeChange(callback: () => void): () => void {
  const system = matchMedia('(prefers-color-scheme: dark)')
  system.addEventListener('change', callback)
  addEventListener('themechange', callback)
  return () => {
    system.removeEventListener('change', callback)
    removeEventListener('themechange', callback)
  }
}

export function cssColor(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim()
}

function readTheme(): Theme {
  const stored = localStorage.getItem(key)
  return themes.find((theme) => theme === stored) ?? 'system'
}
