// Whatever is exported is typed: no `any` at the top of the public surface, one level down included.
import type * as core from "@plurivox/core";
import type * as author from "@plurivox/core/provider";
import type * as umbrella from "plurivox";
import { is, type AnyIn, type IsAny, type Same } from "./assert.ts";

is<Same<AnyIn<typeof core>, never>>();
is<Same<AnyIn<typeof author>, never>>();
is<Same<AnyIn<typeof umbrella>, never>>();

is<Same<AnyIn<core.Context>, never>>();
is<Same<AnyIn<core.ContextOptions>, never>>();
is<Same<AnyIn<core.ProfileSettings>, never>>();
is<Same<AnyIn<core.ChatStream>, never>>();
is<Same<AnyIn<core.CallMetrics>, never>>();
is<Same<AnyIn<core.Explanation>, never>>();
is<Same<AnyIn<core.Step>, never>>();
is<Same<AnyIn<author.ChatAdapter>, never>>();
is<Same<AnyIn<author.ChatCall>, never>>();
is<Same<AnyIn<author.Provider>, never>>();
is<Same<IsAny<author.ChatDelta>, false>>();
is<Same<IsAny<core.ChatEvent>, false>>();
is<Same<IsAny<core.Message>, false>>();
