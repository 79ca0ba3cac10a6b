import { createContext, use } from 'react'

/** Sections of the settings, in their order. */
export const SETTINGS_SECTIONS = [
  'transcription',
  'microphone',
  'overlay',
  'words',
  'files',
  'hotkeys',
  'obs',
  'continuity',
  'limits',
  'app',
  'about',
] as const
export type SettingsSection = (typeof SETTINGS_SECTIONS)[number]

export type View =
  | { readonly name: 'captions' }
  | { readonly name: 'history' }
  | { readonly name: 'settings'; readonly section: SettingsSection }

/** Leads to another view. */
export const GoContext = createContext<(view: View) => void>(() => undefined)

export function useGo(): (view: View) => void {
  return use(GoContext)
}
