const NAMES: Readonly<Record<string, string>> = { deepgram: 'Deepgram', whisper: 'Whisper' }

/** What transcribed, for people: `Deepgram`, `Whisper base.en`. */
export function nameBackend(backend: string, model: string | null = null): string {
  const name = NAMES[backend] ?? backend
  return model === null ? name : `${name} ${model}`
}
