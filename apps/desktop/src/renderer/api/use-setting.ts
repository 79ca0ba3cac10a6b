import { useState } from 'react'
import type { Settings, SettingsPatch } from '../../settings/settings.ts'
import { useDesktop, useSettings } from './hooks.ts'
import { sentenceOf } from './shown-error.ts'

type Section = Exclude<keyof Settings, 'version'>

export interface Setting<Value> {
  readonly value: Value
  /** Why the last value was not applied; undefined where it was. */
  readonly problem: string | undefined
  /** Applies it at once, where the host takes it. */
  set(value: Value): Promise<void>
}

/** One field of the settings. It shows a new value at once, and the old one where it is refused. */
export function useSetting<Name extends Section, Key extends keyof Settings[Name]>(
  section: Name,
  key: Key,
): Setting<Settings[Name][Key]> {
  const { client, settings } = useDesktop()
  const current = useSettings()
  const [problem, setProblem] = useState<string>()

  async function set(value: Settings[Name][Key]): Promise<void> {
    const before = settings.get()
    if (!before) return
    const patch = { [section]: { [key]: value } } as SettingsPatch
    settings.set({ ...before, [section]: { ...before[section], [key]: value } })
    try {
      settings.set(await client.settings.update.mutate(patch))
      setProblem(undefined)
    } catch (error) {
      settings.set(before)
      setProblem(sentenceOf(error))
    }
  }
  return { value: current[section][key], problem, set }
}
