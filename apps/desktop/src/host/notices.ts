import type { NoticeView } from '../api/desktop-state.ts'

const NOTICES_MAX = 10

export interface Notices {
  add(level: NoticeView['level'], sentence: string): void
  dismiss(id: number): void
}

export interface NoticesDeps {
  publish(notices: readonly NoticeView[]): void
  /** Epoch, ms. */
  readonly now: () => number
}

/** What the user should know, newest last. A sentence said again moves to the end. */
export function createNotices({ publish, now }: NoticesDeps): Notices {
  let notices: readonly NoticeView[] = []
  let nextId = 1
  const become = (next: readonly NoticeView[]) => {
    notices = next.slice(-NOTICES_MAX)
    publish(notices)
  }
  return {
    add(level, sentence) {
      const others = notices.filter((notice) => notice.sentence !== sentence)
      become([...others, { id: nextId++, atMs: now(), level, sentence }])
    },
    dismiss: (id) => become(notices.filter((notice) => notice.id !== id)),
  }
}
