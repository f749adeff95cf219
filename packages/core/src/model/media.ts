/** What a context allows where files are loaded for a call. */
export interface MediaSettings {
  /** Files may be read by path: everywhere, or in these directories. Default: nowhere. */
  allowPaths?: boolean | string[];
  /** Hosts whose address need not be public, with or without a port. */
  allowHosts?: string[];
  /** Every host may be private. Only for programs that nobody else can feed with URLs. */
  allowPrivate?: boolean;
  /** Of one file, in bytes. Default: 20 MiB for what is loaded, none for what a message holds. */
  maxBytes?: number;
}
