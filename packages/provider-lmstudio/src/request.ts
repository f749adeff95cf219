import type { ChatAdapter, ChatCall } from "@plurivox/core/provider";
import type { LmStudioModels } from "./models-api.ts";
import type { LmStudioOptions } from "./options.ts";
import { ANY_JSON } from "./quirks.ts";
import { findModel } from "./rest.ts";

/** The mappers of either wire, with what LM Studio is told before a call and what it takes in other words. */
export function withOwn(adapter: ChatAdapter): ChatAdapter {
  return {
    ...adapter,
    before: (client, call) => makeRoom((client as { models: LmStudioModels }).models, call),
    toRequest: (call, instance) => toRequest(adapter, call, instance as string | undefined),
  };
}

/** Brings the server's memory into the state that the call asks for. Resolves to the instance that is to answer, where that matters. */
async function makeRoom(models: LmStudioModels, { model, providerOptions }: ChatCall): Promise<string | undefined> {
  const { unloadOthers, contextLength } = providerOptions as LmStudioOptions;
  if (unloadOthers !== true && contextLength === undefined) return undefined;
  const known = await models.list();
  const own = findModel(known, model);
  if (unloadOthers === true) for (const other of known) if (other !== own && other.instances.length > 0) await models.unload(other.key);
  if (contextLength === undefined) return undefined;
  const fitting = own?.instances.find((instance) => (instance.contextLength ?? 0) >= contextLength);
  if (fitting !== undefined) return fitting.id;
  if (own !== undefined && own.instances.length > 0) await models.unload(own.key);
  return (await models.load(own?.key ?? model, { contextLength })).id;
}

function toRequest(adapter: ChatAdapter, call: ChatCall, instance: string | undefined): unknown {
  const wanted = instance === undefined ? call : { ...call, deployment: instance };
  const body = adapter.toRequest(withOneTool(wanted)) as Record<string, unknown>;
  const format = body["response_format"] as { type?: string } | undefined;
  if (format?.type === "json_object") body["response_format"] = ANY_JSON;
  return body;
}

/**
 * "Invalid tool_choice type: 'object'. Supported string values: none, auto, required": a call that must be of one tool is offered only that one.
 * https://github.com/lmstudio-ai/docs/issues/177 (2026-02)
 */
function withOneTool(call: ChatCall): ChatCall {
  const { toolChoice, tools } = call;
  if (typeof toolChoice !== "object") return call;
  return { ...call, toolChoice: "required", tools: tools.filter(({ name }) => name === toolChoice.toolName) };
}
