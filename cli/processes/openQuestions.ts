import { type FromMember, tell } from './messages'

/** What this process has asked the one that started it, by number, until it is answered. */
export class OpenQuestions<Answer> {
  private readonly asked = new Map<number, (answer: Answer) => void>()
  private last = 0

  /** `question` makes the message with this number. */
  ask(question: (id: number) => FromMember): Promise<Answer> {
    const id = ++this.last
    const answer = new Promise<Answer>((resolve) => this.asked.set(id, resolve))
    void tell(question(id))
    return answer
  }

  answered(id: number, answer: Answer): void {
    this.asked.get(id)?.(answer)
    this.asked.delete(id)
  }
}
