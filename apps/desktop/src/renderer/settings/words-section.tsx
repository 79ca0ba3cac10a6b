export function WordsSection() {
  return null
}
