import type { ChatEvent } from "../model/chat.ts";

/** What running tools say, on its way to whoever pulls. A tool goes on when what it said was taken and more is wanted. */
export class EventQueue {
  #events: ChatEvent[] = [];
  #arrived = Promise.withResolvers<void>();
  /** For those who wait until what they said was taken, and for those whose words are being read now. */
  #waiting = Promise.withResolvers<void>();
  #read = Promise.withResolvers<void>();
  #over = false;

  push(...events: ChatEvent[]): Promise<void> {
    this.#events.push(...events);
    this.#arrived.resolve();
    return this.#waiting.promise;
  }

  /** Nothing more will come. */
  end(): void {
    this.#over = true;
    this.#arrived.resolve();
  }

  /** What is there, once there is something; undefined at the end. To ask for more says that the last batch was taken. */
  async take(): Promise<ChatEvent[] | undefined> {
    this.#read.resolve();
    await this.#arrived.promise;
    if (this.#events.length === 0 && this.#over) return undefined;
    const events = this.#events;
    this.#events = [];
    if (!this.#over) this.#arrived = Promise.withResolvers();
    this.#read = this.#waiting;
    this.#waiting = Promise.withResolvers();
    return events;
  }
}
