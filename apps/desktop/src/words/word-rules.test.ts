import type { FinalEvent, Word } from '@saywire/speech'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { settingsSchema } from '../settings/settings.ts'
import { createWordRules } from './word-rules.ts'

type Input = Parameters<typeof settingsSchema.parse>[0]
function rulesOf(words: object) {
  const settings = settingsSchema.parse({ words } satisfies Input).words
  const rules = createWordRules(settings, 'overlay')
  if (!rules) throw new Error('These settings have no rules.')
  return rules
}
function final(text: string, words: Word[] = wordsOf(text)): FinalEvent {
  const endMs = words.at(-1)?.endMs ?? 1000
  return { type: 'final', text, words, confidence: 0.9, startMs: 0, endMs, speechFinal: true }
}
/** Half a second a word. */
function wordsOf(text: string): Word[] {
  const texts = text.split(' ').filter((part) => part !== '')
  return texts.map((text, index) => ({
    text,
    startMs: index * 500,
    endMs: index * 500 + 400,
    confidence: 0.9,
  }))
}
const joined = (words: readonly Word[]) => words.map((word) => word.text).join(' ')

describe('replacements', () => {
  it.each([
    ['a name', 'say wire', 'Saywire', 'We use say wire here.', 'We use Saywire here.'],
    ['whatever its case', 'obs', 'OBS', 'Open Obs, then obs.', 'Open OBS, then OBS.'],
    ['whole words only', 'cat', 'dog', 'Concatenate the cat.', 'Concatenate the dog.'],
    ['not half of a contraction', 'can', 'could', "I can but can't.", "I could but can't."],
    ['a curly apostrophe', "don't", 'do not', 'We don’t know.', 'We do not know.'],
    ['with its punctuation', 'foo', 'bar', '"Foo", (foo) foo!', '"Bar", (bar) bar!'],
    ['keeping a capital at the start', 'colour', 'color', 'Colour it. Colour.', 'Color it. Color.'],
    ['not lending a capital inside', 'colour', 'color', 'The Colour.', 'The color.'],
    ['keeping the letters of a name', 'I phone', 'iPhone', 'I phone is out.', 'iPhone is out.'],
    ['several spaces', 'new  york', 'NYC', 'In new york now.', 'In NYC now.'],
    ['accents', 'zoë', 'Zoe', 'Hi Zoë!', 'Hi Zoe!'],
    ['accents that are written apart', 'zoe\u0308', 'Zoe', 'Hi zoë!', 'Hi Zoe!'],
    ['no half of an accented word', 'caf', 'X', 'A café.', 'A café.'],
    ['other alphabets', 'москва', 'Moscow', 'Это Москва.', 'Это Moscow.'],
    ['scripts without spaces', '字幕', '[CC]', '这是字幕文件', '这是[CC]文件'],
    ['signs', 'c++', 'C plus plus', 'I write c++.', 'I write C plus plus.'],
    ['what looks like a pattern', '.*', 'dots', 'all .* of it', 'all dots of it'],
    ['a dollar sign as it is', 'cash', '$&', 'no cash', 'no $&'],
    ['removing', 'um', '', 'So, um, we go. Um, now um.', 'So, we go. Now.'],
    ['removing at the start', 'um', '', 'Um, so we go', 'So we go'],
    ['removing at the end', 'you know', '', 'We go, you know?', 'We go?'],
    ['no half of a compound', 'uh', '', 'Uh-huh, uh, uh-uh.', 'Uh-huh, uh-uh.'],
    ['no part of a number', '5', 'five', 'v5, 1.5, 5:30, 1,5, 5.', 'v5, 1.5, 5:30, 1,5, five.'],
    ['a name’s possessive', 'say wire', 'Saywire', 'say wire’s, say wire', 'Saywire’s, Saywire'],
    ['no word that looks like one', 'let', 'allow', "Let's let", "Let's allow"],
    ['more words behind the same one', 'OBS', 'OBS Studio', 'In OBS now.', 'In OBS Studio now.'],
    ['no half of a Persian word', 'می', 'X', 'می\u200cخواهم می', 'می\u200cخواهم X'],
    ['no half of a Thai character', 'ก', 'X', 'กิน ก', 'กิน X'],
    ['no half of an emoji', '👍', '', 'So 👍🏽 yes 👍', 'So 👍🏽 yes'],
    ['no half of a family', '👧', 'X', '👩\u200d👧 👧', '👩\u200d👧 X'],
    ['accents the engine writes apart', 'zoë', 'Zoe', 'Hi zoe\u0308!', 'Hi Zoe!'],
    ['removing before a name', 'um', '', 'Um, iPhone is out', 'iPhone is out'],
    ['removing one after another', 'um', '', 'We um (um) ... go', 'We ... go'],
    ['removing in brackets behind another', 'um', '', 'We um, (um) ...', 'We ...'],
    ['removing all but a sign', 'um', '', 'Um 😂', '😂'],
    ['removing what brackets hold', 'um', '', 'So (um) we go', 'So we go'],
    ['removing a sentence', 'um', '', 'Um. Yes. Um! No.', 'Yes. No.'],
    ['removing in Arabic', 'شو', '', 'هل، شو؟ شو؟ نعم', 'هل؟ نعم'],
    ['removing neighbours', 'um', '', 'We um um, um go', 'We go'],
    ['removing everything', 'um', '', 'Um, um.', ''],
  ])('%s: "%s" → "%s"', (_what, from, to, said, shown) => {
    const result = rulesOf({ replacements: [{ from, to }] }).ofFinal(final(said))
    expect(result.text).toBe(shown)
    expect(joined(result.words)).toBe(shown)
  })

  it('heeds case where the rule asks for it', () => {
    const rules = rulesOf({ replacements: [{ from: 'US', to: 'America', matchCase: true }] })
    expect(rules.ofFinal(final('US and us')).text).toBe('America and us')
  })

  it('takes the longest of several, and does not look at its result again', () => {
    const rules = rulesOf({
      replacements: [
        { from: 'new', to: 'old' },
        { from: 'new york', to: 'New Amsterdam' },
        { from: 'old', to: 'new' },
      ],
    })
    expect(rules.ofFinal(final('new york, new old')).text).toBe('New Amsterdam, old new')
  })

  it('gives what takes the place of several words their time', () => {
    const rules = rulesOf({ replacements: [{ from: 'say wire', to: 'Saywire' }] })
    expect(rules.ofFinal(final('we say wire now')).words).toMatchObject([
      { text: 'we', startMs: 0, endMs: 400 },
      { text: 'Saywire', startMs: 500, endMs: 1400 },
      { text: 'now', startMs: 1500, endMs: 1900 },
    ])
  })

  it('changes the words also where the engine writes the whole text differently', () => {
    const rules = rulesOf({ replacements: [{ from: 'bucks', to: 'dollars' }] })
    const result = rules.ofFinal(final('$20 bucks.', wordsOf('twenty bucks')))
    expect([result.text, joined(result.words)]).toEqual(['$20 dollars.', 'twenty dollars'])
  })

  it(
    'keeps text and words the same, in order and in their time, whatever the rules',
    { timeout: 60_000 },
    () => {
      const spoken = 'um So, we go. Say wire shit! now "Um," (so) um-um shit. we’re 1.5 ♪ – ...'
      const word = fc.constantFrom(...spoken.split(' '))
      const phrase = fc.constantFrom('um', 'say wire', 'we go', 'now', 'so', 'wire')
      const to = fc.constantFrom('', 'x', 'several more words', 'Saywire', 'we go on')
      const rule = fc.record({ from: phrase, to })
      fc.assert(
        fc.property(fc.array(word), fc.array(rule, { minLength: 1 }), (said, replacements) => {
          const event = final(said.join(' '))
          const profanity = { overlay: 'remove' }
          const { text, words } = rulesOf({ replacements, profanity }).ofFinal(event)
          expect(joined(words)).toBe(text)
          let atMs = 0
          for (const { startMs, endMs } of words) {
            expect(startMs).toBeGreaterThanOrEqual(atMs)
            expect(endMs).toBeGreaterThanOrEqual(startMs)
            atMs = endMs
          }
          expect(atMs).toBeLessThanOrEqual(event.endMs)
        }),
      )
    },
  )

  it('finds the one of five hundred rules that differ only in their end', () => {
    const replacements = Array.from({ length: 500 }, (_, index) => ({
      from: `${'a'.repeat(90)} ${index}`,
      to: 'x',
    }))
    const rules = rulesOf({ replacements })
    const said = `${'a'.repeat(90)} `.repeat(1000)
    expect(rules.ofFinal(final(`${said}7`, [])).text.endsWith('x')).toBe(true)
  })
})

describe('profanity', () => {
  const mask = { profanity: { overlay: 'mask' } }
  it.each([
    ['What the fuck?', 'What the f***?'],
    ['FUCKING hell', 'F****** hell'],
    ['This shit’s great, motherfucker', 'This s***’s great, m***********'],
    ["That shit'll fuck'em, Jack's ass", "That s***'l* f***'e*, Jack's a**"],
    ['Scunthorpe, cocktails, Dickens, classic, assistant', undefined],
  ])('masks whole words: %s', (said, shown = said) => {
    expect(rulesOf(mask).ofFinal(final(said)).text).toBe(shown)
  })

  it('removes, and leaves a sentence', () => {
    const rules = rulesOf({ profanity: { overlay: 'remove' } })
    expect(rules.ofFinal(final('Fuck, that was fucking close.')).text).toBe('That was close.')
    expect(rules.ofFinal(final('Shit!'))).toMatchObject({ text: '', words: [] })
    expect(rules.ofFinal(final('A fuck-up. "Shit." Half-ass it.')).text).toBe('A up. Half it.')
  })

  it('knows the user’s words and exceptions, and masks what a replacement put there', () => {
    const rules = rulesOf({
      ...mask,
      replacements: [{ from: 'ship', to: 'shit' }],
      profaneWords: ['frak', 'big jerk'],
      allowedWords: ['Moby Dick', 'bitch'],
    })
    const said = 'Frak, ship, you big jerk read moby dick, bitch, dick.'
    const shown = 'F***, s***, you b** j*** read moby dick, bitch, d***.'
    expect(rules.ofFinal(final(said)).text).toBe(shown)
  })

  it('is changed without a halt, however long the lists are', { timeout: 30_000 }, () => {
    for (let change = 0; change < 20; change += 1) {
      const profaneWords = Array.from({ length: 500 }, (_, index) => `frak${change}n${index}`)
      const rules = rulesOf({ ...mask, profaneWords })
      expect(rules.ofFinal(final(`what the frak${change}n7`)).text).toMatch(/^what the f\*+$/)
    }
  })

  it('shows in no interim what the final masks, however the word grows', () => {
    const said = 'well, you motherfucker son of a bitch, stop'
    for (const mode of ['mask', 'remove']) {
      const rules = rulesOf({ profanity: { overlay: mode }, profaneWords: ['son of a bitch'] })
      for (let length = 1; length <= said.length; length += 1) {
        const shown = rules.ofInterim(final(said.slice(0, length).trim()))
        expect(shown.text).not.toMatch(/mot|fuc|bit|son of/)
        expect(joined(shown.words)).toBe(shown.text)
      }
    }
    for (const end of ['-', '…', '...', '—']) {
      expect(rulesOf(mask).ofInterim(final(`you motherfu${end}`)).text).toBe('you')
    }
    expect(rulesOf(mask).ofInterim(final('oh mother of mine')).text).toBe('oh mother of mine')
  })
})

it('has nothing to do by default, and other rules for each output', () => {
  expect(createWordRules(settingsSchema.parse({}).words, 'overlay')).toBeUndefined()
  const settings = settingsSchema.parse({
    words: {
      replacements: [{ from: 'a', to: 'b' }],
      replaceIn: { obs: false },
      profanity: { obs: 'mask' },
    },
  }).words
  expect(createWordRules(settings, 'obs')?.ofFinal(final('a shit')).text).toBe('a s***')
  expect(createWordRules(settings, 'files')?.ofFinal(final('a shit')).text).toBe('b shit')
})
