/**
 * The one audio format inside Saywire and on its wires: PCM s16le, 16 kHz, mono.
 * 1 ms = 16 samples = 32 bytes.
 */
export const SAMPLE_RATE_HZ = 16_000
export const BYTES_PER_SAMPLE = 2
export const BYTES_PER_MS = (SAMPLE_RATE_HZ * BYTES_PER_SAMPLE) / 1000

/** Largest binary message that `/ws/transcribe` accepts, in bytes (2.048 s of audio). */
export const MAX_AUDIO_MESSAGE_BYTES = 64 * 1024

/**
 * Rate limit of one session's audio: after a burst of `AUDIO_BURST_MS`, audio may arrive at
 * `AUDIO_MAX_RATE` times real time. Clients that replay pace themselves by these figures.
 */
export const AUDIO_BURST_MS = 10_000
export const AUDIO_MAX_RATE = 2
