import { CONDUCT_DEFECTS } from "../support/conduct-defects.ts";
import { testDefects } from "../support/failing.ts";

testDefects(CONDUCT_DEFECTS);
