import type { NoticeView } from '../api/desktop-state.ts'

const NOTICES_MAX = 10
/** What matters for a moment only is gone by itself after this. */
const BRIEF_MS = 6000

export interface Notices {
  /** @param topic of which only the newest notice holds: it takes the place of the one before */
  add(level: NoticeView['level'], sentence: string, topic?: string): void
  /** A note that goes by itself: what it says can be seen elsewhere, too. */
  brief(sentence: string, topic: string): void
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
  const idOfTopic = new Map<string, number>()
  const become = (next: readonly NoticeView[]) => {
    notices = next.slice(-NOTICES_MAX)
    publish(notices)
  }
  const dismiss = (id: number) => become(notices.filter((notice) => notice.id !== id))

  function add(level: NoticeView['level'], sentence: string, topic?: string): number {
    const id = nextId++
    const overtaken = topic === undefined ? undefined : idOfTopic.get(topic)
    if (topic !== undefined) idOfTopic.set(topic, id)
    const others = notices.filter((one) => one.sentence !== sentence && one.id !== overtaken)
    become([...others, { id, atMs: now(), level, sentence }])
    return id
  }

  return {
    add: (level, sentence, topic) => void add(level, sentence, topic),
    brief(sentence, topic) {
      const id = add('info', sentence, topic)
      setTimeout(() => dismiss(id), BRIEF_MS).unref()
    },
    dismiss,
  }
}
