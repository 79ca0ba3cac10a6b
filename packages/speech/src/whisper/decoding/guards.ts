/**
 * What keeps words off the screen that nobody said, each by its own evidence. `voice`: Silero's model
 * instead of loudness. `notes`: descriptions of sounds. `logprob`: what the decoder itself finds unlikely.
 * `loops`: the same over and over, and a sentence said again after the audio has ended. `compression`: text too
 * regular to be language. Whisper's own word that nothing was said (`no_speech_prob`) kept nothing away that these
 * do not.
 */
export const GUARDS = ['voice', 'notes', 'logprob', 'loops', 'compression'] as const
export type Guard = (typeof GUARDS)[number]
