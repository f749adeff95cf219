import { testDefects } from "../support/failing.ts";
import { WHOLE_DEFECTS } from "../support/whole-defects.ts";

testDefects(WHOLE_DEFECTS);
