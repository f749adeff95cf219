import type { ChatEvent } from "../model/chat.ts";

/** What running tools say, on its way to whoever pulls. A tool goes on when what it said was taken. */
export class EventQueue {
  #events: ChatEvent[] = [];
  #taken = Promise.withResolvers<void>();
  #arrived = Promise.withResolvers<void>();
  #over = false;

  push(event: ChatEvent): Promise<void> {
    this.#events.push(event);
    this.#arrived.resolve();
    return this.#taken.promise;
  }

  /** Nothing more will come. */
  end(): void {
    this.#over = true;
    this.#arrived.resolve();
  }

  /** What is there, once there is something; undefined at the end. */
  async take(): Promise<ChatEvent[] | undefined> {
    await this.#arrived.promise;
    if (this.#events.length === 0 && this.#over) return undefined;
    const events = this.#events;
    this.#events = [];
    if (!this.#over) this.#arrived = Promise.withResolvers();
    this.#taken.resolve();
    this.#taken = Promise.withResolvers();
    return events;
  }
}
