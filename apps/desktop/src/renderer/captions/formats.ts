/** What a transcript can be saved as. */
export const FORMATS = [
  { value: 'txt', name: 'Plain text', detail: '.txt' },
  { value: 'srt', name: 'SubRip subtitles', detail: '.srt' },
  { value: 'vtt', name: 'WebVTT subtitles', detail: '.vtt' },
  { value: 'json', name: 'JSON with times', detail: '.json' },
] as const
