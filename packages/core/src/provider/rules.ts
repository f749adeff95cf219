/**
 * What a vendor takes of JSON Schema where it holds a model to a schema. Core closes schemas by it.
 */
export interface SchemaRules {
  /**
   * Whether a keyword may be sent, such as `minLength` or `format`. Core asks only for those that
   * hold no schemas. The others are checked here, and the model reads them in the description.
   */
  takes(keyword: string, value: unknown): boolean;
  /**
   * "widened": every property is required, so those that were optional may be null. "kept": may be
   * absent.
   */
  optional: "widened" | "kept";
  /** Objects may take properties of any name, and values may be anything. */
  open?: true;
  /** Lists may say what stands at each place, by `prefixItems`. */
  tuples?: true;
  /** Objects take no properties but their own without being told so. */
  closed?: true;
  /** Every object needs a property that is required. */
  someRequired?: true;
  /** Schemas may refer to themselves. Default: true. */
  recursion?: false;
  /**
   * Schemas are read by these rules also where nobody asks for strict: an output that cannot be
   * strict is then asked for by a tool.
   */
  always?: boolean;
  limits?: SchemaLimits;
}

/** How large a schema may be, counted over all of it. */
export interface SchemaLimits {
  properties?: number;
  /** Levels of objects within objects. */
  depth?: number;
  enumValues?: number;
  /** Letters of the names of properties and definitions, and of values in `enum` and `const`. */
  letters?: number;
}

/**
 * How a model is held to the schema of an output, or of a tool that is `strict`. False: it cannot
 * be. Undefined: schemas and `strict` are sent as the caller gives them.
 */
export type Strictness = (model: string, of: "output" | "tool") => SchemaRules | false | undefined;

/** The half of a chat adapter that is about schemas. */
export interface SchemaAdapter {
  /** Absent: the same as one that returns undefined. */
  strictness?: Strictness;
}
