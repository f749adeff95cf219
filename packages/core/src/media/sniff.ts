/** How files begin, as a string of bytes; `?` is any byte. The first that fits counts. */
const HEADS: readonly [mediaType: string, ...heads: string[]][] = [
  ["image/png", "\x89PNG"],
  ["image/jpeg", "\xff\xd8\xff"],
  ["image/gif", "GIF8"],
  ["image/webp", "RIFF????WEBP"],
  ["image/avif", "????ftypavif", "????ftypavis"],
  ["image/heic", "????ftypheic", "????ftypheix", "????ftyphevc", "????ftyphevx", "????ftypmif1", "????ftypmsf1"],
  // "BM" alone begins many a text; the four zeros are reserved.
  ["image/bmp", "BM????\0\0\0\0"],
  ["image/tiff", "II*\0", "MM\0*"],
  ["application/pdf", "%PDF"],
  ["audio/wav", "RIFF????WAVE"],
  // An ID3 tag, or a frame of layer III: MPEG 1, 2 and 2.5, each with and without a checksum.
  ["audio/mpeg", "ID3", "\xff\xfb", "\xff\xfa", "\xff\xf3", "\xff\xf2", "\xff\xe3", "\xff\xe2"],
  ["audio/aac", "\xff\xf1", "\xff\xf0", "\xff\xf9", "\xff\xf8"],
  ["audio/flac", "fLaC"],
  ["audio/ogg", "OggS"],
  ["audio/mp4", "????ftypM4A ", "????ftypM4B "],
  ["video/quicktime", "????ftypqt  "],
  ["video/mp4", "????ftyp"],
  ["video/webm", "\x1aE\xdf\xa3"],
];
const BY_EXTENSION: ReadonlyMap<string, string> = new Map(
  Object.entries({
    png: "image/png",
    jpg: "image/jpeg",
    jpeg: "image/jpeg",
    gif: "image/gif",
    webp: "image/webp",
    avif: "image/avif",
    heic: "image/heic",
    bmp: "image/bmp",
    tif: "image/tiff",
    tiff: "image/tiff",
    svg: "image/svg+xml",
    pdf: "application/pdf",
    txt: "text/plain",
    md: "text/markdown",
    csv: "text/csv",
    html: "text/html",
    json: "application/json",
    wav: "audio/wav",
    mp3: "audio/mpeg",
    aac: "audio/aac",
    flac: "audio/flac",
    ogg: "audio/ogg",
    m4a: "audio/mp4",
    mp4: "video/mp4",
    webm: "video/webm",
    mov: "video/quicktime",
  }),
);
/** How many bytes are looked at. */
export const HEAD_BYTES = 12;

/** The media type by the first bytes, given as a string with one character a byte; undefined for what has no such mark, as text. */
export function sniff(head: string): string | undefined {
  return HEADS.find(([, ...heads]) => heads.some((known) => fits(known, head)))?.[0];
}

/** The first bytes as `sniff` takes them. */
export function headOf(bytes: Uint8Array): string {
  return String.fromCharCode(...bytes.subarray(0, HEAD_BYTES));
}

/** The media type by the ending of a name. */
export function byExtension(name: string): string | undefined {
  return BY_EXTENSION.get(name.slice(name.lastIndexOf(".") + 1).toLowerCase());
}

function fits(known: string, head: string): boolean {
  if (head.length < known.length) return false;
  for (let at = 0; at < known.length; at++) if (known[at] !== "?" && known[at] !== head[at]) return false;
  return true;
}
