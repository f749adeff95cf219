import type { Line } from "../provider.ts";
import type { ResponsesRequest } from "./request.ts";
import { runningId, type ResponseObject } from "./status.ts";

/** How a response that is made in the background is asked for again; undefined for any other. */
export function toPoll(reply: ResponseObject, body: ResponsesRequest): { send(line: Line): Promise<unknown> } | undefined {
  const id = runningId(reply, body);
  if (id === undefined) return undefined;
  return {
    send: ({ client, via, place }) => {
      if (place === undefined) return client.responses.retrieve(id, {}, via).asResponse();
      const url = new URL(place.aim("responses", body).url);
      url.pathname += `/${encodeURIComponent(id)}`;
      return client.responses.retrieve(id, {}, { ...via, path: url.href }).asResponse();
    },
  };
}
