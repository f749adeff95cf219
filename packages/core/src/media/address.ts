/**
 * IPv4 that is not the public internet: https://www.iana.org/assignments/iana-ipv4-special-registry, multicast, and the address at which
 * Azure's machines find their host, https://learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16 (2026-11).
 */
const SPECIAL_V4: readonly [base: string, prefix: number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["168.63.129.16", 32],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];
const V4 = /^\d+(?:\.\d+){3}$/;
const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether an IP address, as a resolver or a parsed URL writes it, is one of the public internet. What is no address is not. */
export function isPublicAddress(address: string): boolean {
  return address.includes(":") ? isPublicV6(address) : isPublicV4(address);
}

/** The address in a parsed URL's hostname, in whatever notation it was written; undefined for a name. */
export function literalAddress(hostname: string): string | undefined {
  if (hostname.startsWith("[")) return hostname.slice(1, -1);
  return V4.test(hostname) ? hostname : undefined;
}

/** By name or address of a parsed URL, without asking a resolver. */
export function isLoopbackHost(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

function isPublicV4(address: string): boolean {
  // Other notations than the usual one, which some resolvers read differently, are no addresses here.
  if (!V4.test(address) || URL.parse(`http://${address}`)?.hostname !== address) return false;
  const bits = toBits(address);
  return !SPECIAL_V4.some(([base, prefix]) => bits >>> (32 - prefix) === toBits(base) >>> (32 - prefix));
}

function toBits(address: string): number {
  return address.split(".").reduce((bits, part) => (bits << 8) | Number(part), 0) >>> 0;
}

/**
 * Only 2000::/3 is given out, less what https://www.iana.org/assignments/iana-ipv6-special-registry (2026-11) takes from it: protocols such as Teredo,
 * 6to4 and documentation. IPv4 within IPv6 counts as the IPv4 that it leads to, where it is mapped or behind a NAT64.
 */
function isPublicV6(address: string): boolean {
  const groups = toGroups(address);
  if (groups === undefined) return false;
  const [first, second, , , , , seventh, eighth] = groups as [number, number, number, number, number, number, number, number];
  const prefix = groups.slice(0, 6).join();
  if (prefix === "0,0,0,0,0,65535" || prefix === `${0x64},${0xff9b},0,0,0,0`)
    return isPublicV4([seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join("."));
  if (first >> 13 !== 1) return false;
  if (first === 0x2001) return second >= 0x200 && second !== 0xdb8;
  return first !== 0x2002 && !(first === 0x3fff && second < 0x1000);
}

/** The eight numbers of an IPv6 address, by way of its one canonical form. */
function toGroups(address: string): number[] | undefined {
  const canonical = URL.parse(`http://[${address.split("%", 1)[0]}]`)?.hostname.slice(1, -1);
  if (canonical === undefined) return undefined;
  const [left, right] = canonical
    .split("::")
    .map((half) => (half === "" ? [] : half.split(":").map((group) => Number.parseInt(group, 16))));
  return right === undefined ? left : [...left!, ...Array<number>(8 - left!.length - right.length).fill(0), ...right];
}
