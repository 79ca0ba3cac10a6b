/** Languages that the engines know well, by their tags. */
const TAGS = [
  'en',
  'en-GB',
  'en-US',
  'de',
  'es',
  'fr',
  'it',
  'pt',
  'pt-BR',
  'nl',
  'pl',
  'sv',
  'da',
  'no',
  'fi',
  'cs',
  'ru',
  'uk',
  'tr',
  'el',
  'hu',
  'ro',
  'bg',
  'id',
  'vi',
  'th',
  'hi',
  'ja',
  'ko',
  'zh',
] as const

const names = new Intl.DisplayNames(['en'], { type: 'language' })

/** `German`, `Brazilian Portuguese`; the tag itself where it has no name. */
export function languageName(tag: string): string {
  if (tag === 'multi') return 'Detected'
  try {
    return names.of(tag) ?? tag
  } catch {
    return tag
  }
}

/** What can be chosen, by name; `current` is among it in any case. */
export function languageOptions(current: string): { value: string; name: string }[] {
  const tags = new Set<string>([...TAGS, current].filter((tag) => tag !== 'multi'))
  const options = [...tags]
    .map((value) => ({ value, name: languageName(value) }))
    .toSorted((a, b) => a.name.localeCompare(b.name))
  return [{ value: 'multi', name: 'Detect it (several languages)' }, ...options]
}
