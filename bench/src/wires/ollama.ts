import { each, wordAt, type Wire } from "./wire.ts";

const line = (content: string, index: number, more: object) =>
  `${JSON.stringify({
    model: "bench",
    created_at: `2026-08-07T06:08:23.${String(100_000 + (index % 900_000))}Z`,
    message: { role: "assistant", content },
    ...more,
  })}\n`;
const END = {
  done: true,
  done_reason: "stop",
  total_duration: 8_633_813_833,
  load_duration: 143_253_708,
  prompt_eval_count: 9,
  prompt_eval_duration: 25_843_000,
  eval_count: 99,
  eval_duration: 8_442_672_000,
};

export const ollama: Wire = {
  path: "/api/chat",
  gap: "\n",
  stream: (count, word = wordAt) => [...each(count, (index) => line(word(index), index, { done: false })), line("", 0, END)],
  whole: (text) => line(text, 0, END),
  text: (event) => (event as { message?: { content?: string } }).message?.content?.length ?? 0,
};
