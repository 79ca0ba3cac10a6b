import type { ChangeEvent } from 'react'
import { useId } from 'react'
import { useClient, useDesktopState } from '../api/hooks.ts'
import { useAction } from '../api/use-action.ts'
import { ActionButton } from '../ui/action-button.tsx'
import { Icon } from '../ui/icon.tsx'

/** Fonts that the user brings, and forgetting them. */
export function FontUpload() {
  const id = useId()
  const client = useClient()
  const { fonts } = useDesktopState().overlay
  const add = useAction(async (file: File) =>
    client.overlay.addFont.mutate({ name: file.name, base64: await base64Of(file) }),
  )
  const remove = useAction(async (font: string) => client.overlay.removeFont.mutate({ id: font }))

  function take({ target }: ChangeEvent<HTMLInputElement>): void {
    const [file] = target.files ?? []
    target.value = ''
    if (file) void add.run(file)
  }

  return (
    <div className="font-upload">
      <label htmlFor={id} className="button">
        <Icon name="plus" />
        {add.isPending ? 'Adding …' : 'Add a font file'}
        <input
          id={id}
          type="file"
          className="visually-hidden"
          accept=".woff2,.ttf,.otf"
          onChange={take}
        />
      </label>
      <ul className="font-files">
        {fonts.map((font) => (
          <li key={font.id}>
            <span>{font.name}</span>
            <ActionButton
              className="button bare"
              label={`Forget the font ${font.name}`}
              onPress={async () => remove.run(font.id)}
            >
              <Icon name="close" />
            </ActionButton>
          </li>
        ))}
      </ul>
      <p className="problem" role="alert">
        {add.problem ?? remove.problem}
      </p>
    </div>
  )
}

async function base64Of(file: File): Promise<string> {
  const bytes = new Uint8Array(await file.arrayBuffer())
  // In pieces: a call takes only so many arguments.
  const pieces: string[] = []
  for (let at = 0; at < bytes.length; at += 8192) {
    pieces.push(String.fromCodePoint(...bytes.subarray(at, at + 8192)))
  }
  return btoa(pieces.join(''))
}
