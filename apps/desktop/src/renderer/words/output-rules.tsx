import type { WordOutput } from '../../settings/settings.ts'
import { WORD_OUTPUTS } from '../../settings/settings.ts'
import { useSetting } from '../api/use-setting.ts'

const NAMES = {
  window: 'This window',
  overlay: 'Overlay',
  obs: 'Closed captions of OBS',
  files: 'Files and history',
} as const satisfies Record<WordOutput, string>

const PROFANITY = { off: 'As it is', mask: 'Masked: d***', remove: 'Left out' } as const
type Profanity = keyof typeof PROFANITY

/** For each output: whether words are replaced, and what becomes of profanity. */
export function OutputRules() {
  const replaceIn = useSetting('words', 'replaceIn')
  const profanity = useSetting('words', 'profanity')
  return (
    <>
      <table className="output-rules">
        <thead>
          <tr>
            <th scope="col">Output</th>
            <th scope="col">Replacements</th>
            <th scope="col">Profanity</th>
          </tr>
        </thead>
        <tbody>
          {WORD_OUTPUTS.map((output) => (
            <tr key={output}>
              <th scope="row">{NAMES[output]}</th>
              <td>
                <input
                  type="checkbox"
                  aria-label={`Replacements: ${NAMES[output]}`}
                  checked={replaceIn.value[output]}
                  onChange={({ target }) =>
                    void replaceIn.set({ ...replaceIn.value, [output]: target.checked })
                  }
                />
              </td>
              <td>
                <select
                  className="input"
                  aria-label={`Profanity: ${NAMES[output]}`}
                  value={profanity.value[output]}
                  onChange={({ target }) =>
                    void profanity.set({
                      ...profanity.value,
                      [output]: target.value as Profanity,
                    })
                  }
                >
                  {Object.entries(PROFANITY).map(([value, name]) => (
                    <option key={value} value={value}>
                      {name}
                    </option>
                  ))}
                </select>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="problem" role="alert">
        {replaceIn.problem ?? profanity.problem}
      </p>
    </>
  )
}
