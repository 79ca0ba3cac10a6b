export interface SystemMemory {
  readonly platform: NodeJS.Platform
  readonly totalBytes: number
  readonly freeBytes: number
}

/**
 * What the speech process may take beside a game and an encoder: an eighth of the machine, and half
 * of what is free now. macOS calls memory free only while nothing at all is kept in it.
 */
export function memoryForSpeech({ platform, totalBytes, freeBytes }: SystemMemory): number {
  const share = totalBytes / 8
  return platform === 'darwin' ? share : Math.min(share, freeBytes / 2)
}
