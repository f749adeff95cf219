import { openaiChat } from "@plurivox/conformance";
import { openaiCompatible } from "plurivox";
import { HABIT_DEFECTS } from "../support/habit-defects.ts";
import { testDefects } from "../support/failing.ts";

testDefects(HABIT_DEFECTS, { provider: openaiCompatible(), wire: { ...openaiChat, toolCallId: /^.+$/s }, model: "some-model" });
