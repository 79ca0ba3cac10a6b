import { ReplacementList } from '../words/replacement-list.tsx'
import { OutputRules } from '../words/output-rules.tsx'
import { VocabularyList } from '../words/vocabulary-list.tsx'
import { WordList } from '../words/word-list.tsx'
import { Group } from './group.tsx'

/** Words that engines listen for, and those that are written otherwise than they were said. */
export function WordsSection() {
  return (
    <>
      <Group
        title="What to listen for"
        lead="People, games and terms that you speak of: whichever engine captions is more likely to write them right."
      >
        <VocabularyList />
      </Group>
      <Group
        title="Replacements"
        lead="Names and words that engines mishear all the same. Whole words and phrases, in every language."
      >
        <ReplacementList />
      </Group>
      <Group
        title="Where rules apply"
        lead="Each output has rules of its own: a clean overlay, and files with every word."
      >
        <OutputRules />
      </Group>
      <Group title="Profanity">
        <WordList
          field="profaneWords"
          label="Words to treat as profane"
          hint="Besides the built-in English list. One on each line."
        />
        <WordList
          field="allowedWords"
          label="Words to leave alone"
          hint="Shown although they are listed. One on each line."
        />
      </Group>
    </>
  )
}
