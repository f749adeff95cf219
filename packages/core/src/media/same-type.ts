/** Other names of what the tables name, and containers whose first bytes do not tell what is in them. */
const SAME: ReadonlyMap<string, string> = new Map(
  Object.entries({
    "image/jpg": "image/jpeg",
    "image/pjpeg": "image/jpeg",
    "image/apng": "image/png",
    "image/heif": "image/heic",
    "image/heic-sequence": "image/heic",
    "image/heif-sequence": "image/heic",
    "image/x-ms-bmp": "image/bmp",
    "image/x-bmp": "image/bmp",
    "application/x-pdf": "application/pdf",
    "audio/x-wav": "audio/wav",
    "audio/wave": "audio/wav",
    "audio/vnd.wave": "audio/wav",
    "audio/mp3": "audio/mpeg",
    "audio/mpga": "audio/mpeg",
    "audio/x-mp3": "audio/mpeg",
    "audio/aacp": "audio/aac",
    "audio/x-aac": "audio/aac",
    "audio/x-flac": "audio/flac",
    "application/ogg": "audio/ogg",
    "audio/opus": "audio/ogg",
    "video/ogg": "audio/ogg",
    "audio/m4a": "video/mp4",
    "audio/x-m4a": "video/mp4",
    "audio/mp4": "video/mp4",
    "video/x-m4v": "video/mp4",
    "video/3gpp": "video/mp4",
    "audio/3gpp": "video/mp4",
    "video/quicktime": "video/mp4",
    "audio/webm": "video/webm",
    "video/x-matroska": "video/webm",
    "audio/x-matroska": "video/webm",
  }),
);

/** A media type without its parameters, such as a charset. */
export function essence(mediaType: string): string {
  return mediaType.split(";", 1)[0]!.trim().toLowerCase();
}

/** Whether two media types are names of one thing, as far as the first bytes can tell. */
export function isSameType(one: string, other: string): boolean {
  return canonical(one) === canonical(other);
}

function canonical(mediaType: string): string {
  const bare = essence(mediaType);
  return SAME.get(bare) ?? bare;
}
