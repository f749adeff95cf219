import { openaiChat } from "@plurivox/conformance";
import { openaiCompatible } from "plurivox";
import { EMBED_DEFECTS } from "../support/embed-defects.ts";
import { testDefects } from "../support/failing.ts";

testDefects(EMBED_DEFECTS, { provider: openaiCompatible(), wire: { ...openaiChat, toolCallId: /^.+$/s }, model: "some-model" });
