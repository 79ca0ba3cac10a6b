import type { ComponentType } from 'react'
import type { SettingsSection } from '../layout/view.ts'
import { AboutSection } from './about-section.tsx'
import { AppSection } from './app-section.tsx'
import { ContinuitySection } from './continuity-section.tsx'
import { FilesSection } from './files-section.tsx'
import { HotkeysSection } from './hotkeys-section.tsx'
import { LimitsSection } from './limits-section.tsx'
import { MicrophoneSection } from './microphone-section.tsx'
import { ObsSection } from './obs-section.tsx'
import { OverlaySection } from './overlay-section.tsx'
import { TranscriptionSection } from './transcription-section.tsx'
import { WordsSection } from './words-section.tsx'

/** What each section is called, and what is in it. */
export const SECTIONS = {
  transcription: { title: 'Transcription', Body: TranscriptionSection },
  microphone: { title: 'Microphone', Body: MicrophoneSection },
  overlay: { title: 'Captions’ look', Body: OverlaySection },
  words: { title: 'Words', Body: WordsSection },
  files: { title: 'Files', Body: FilesSection },
  hotkeys: { title: 'Hotkeys', Body: HotkeysSection },
  obs: { title: 'OBS', Body: ObsSection },
  continuity: { title: 'Outages', Body: ContinuitySection },
  limits: { title: 'Limits', Body: LimitsSection },
  app: { title: 'App', Body: AppSection },
  about: { title: 'Help and about', Body: AboutSection },
} as const satisfies Record<SettingsSection, { title: string; Body: ComponentType }>
