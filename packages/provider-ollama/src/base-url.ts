import { BARE_HOST_PORT, CLOUD_HOST } from "./quirks.ts";

const LOCAL = "127.0.0.1";

/** The address that `text` means, in every form that OLLAMA_HOST takes: "0.0.0.0", ":8080", "host", "host:port", "[::1]", "https://host/path". */
export function toBaseURL(text: string): string {
  const written = text.trim().replace(/^(["'])(.*)\1$/, "$2");
  const url = written.includes("://") ? written : withScheme(written);
  return url
    .replace(/^(\w+:\/\/)0\.0\.0\.0(?=[:/]|$)/, `$1${LOCAL}`)
    .replace(/^(\w+:\/\/)\[::\](?=[:/]|$)/, "$1[::1]")
    .replace(/\/+(api\/*)?$/, "");
}

function withScheme(written: string): string {
  const slash = written.indexOf("/");
  const [place, path] = slash === -1 ? [written, ""] : [written.slice(0, slash), written.slice(slash)];
  if (place === CLOUD_HOST) return `https://${written}`;
  const isBareIPv6 = place.split(":").length > 2 && !place.startsWith("[");
  const host = isBareIPv6 ? `[${place}]` : place.startsWith(":") || place === "" ? `${LOCAL}${place}` : place;
  return `http://${host}${/:\d+$/.test(host) ? "" : `:${BARE_HOST_PORT}`}${path}`;
}

/** Whether the models of this address run in the vendor's cloud. */
export function isCloud(baseURL: string): boolean {
  return URL.parse(baseURL)?.hostname === CLOUD_HOST;
}
