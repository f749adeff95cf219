import { CONTENT_DEFECTS } from "../support/content-defects.ts";
import { testDefects } from "../support/failing.ts";

testDefects(CONTENT_DEFECTS);
