import type { CaseName } from "@plurivox/conformance";
import type { ChatAdapter, ChatDelta, Connection, EmbedAdapter, Provider } from "@plurivox/core/provider";

/** One mistake that a provider can make, and the cases that must notice. */
export interface Defect {
  what: string;
  breaks(sound: Provider): Broken | Promise<Broken>;
  fails: CaseName[];
}

export interface Broken {
  provider: Provider;
  restore?: () => void | Promise<void>;
}

export type Decoder = ReturnType<ChatAdapter["fromStream"]>;

export function withChat(provider: Provider, change: (sound: ChatAdapter) => Partial<ChatAdapter>): Broken {
  const { chat } = provider;
  const load = async () => {
    const sound = await chat!.load();
    return { ...sound, ...change(sound) };
  };
  return { provider: { ...provider, chat: { ...chat, load } } };
}

export function withEmbed(provider: Provider, change: (sound: EmbedAdapter) => Partial<EmbedAdapter>): Broken {
  const { embed } = provider;
  const load = async () => {
    const sound = await embed!.load();
    return { ...sound, ...change(sound) };
  };
  return { provider: { ...provider, embed: { ...embed, load } } };
}

/** A decoder with some of it done otherwise. Its methods may stand on its class, so it cannot be spread. */
export function changed(sound: Decoder, change: Partial<Decoder>): Decoder {
  return { event: (chunk, name) => sound.event(chunk, name), end: () => sound.end?.() ?? [], ...change };
}

/** Every delta of streams goes through `map`, which is made anew for each. */
export function streamed(provider: Provider, map: () => (delta: ChatDelta) => ChatDelta[]): Broken {
  return withChat(provider, ({ fromStream }) => ({
    fromStream(): Decoder {
      const sound = fromStream();
      const each = map();
      return changed(sound, { event: (chunk, name) => [...sound.event(chunk, name)].flatMap(each) });
    },
  }));
}

/** Every delta, of streams and of whole responses. */
export function mapped(provider: Provider, map: (delta: ChatDelta) => ChatDelta[]): Broken {
  const { provider: streaming } = streamed(provider, () => map);
  return withChat(streaming, ({ fromResponse }) => ({ fromResponse: (reply) => [...fromResponse(reply)].flatMap(map) }));
}

export function connecting(provider: Provider, change: (to: Connection) => Connection): Broken {
  return { provider: { ...provider, connect: (to) => provider.connect(change(to)) } };
}
