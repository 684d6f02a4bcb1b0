import { load } from "../support/lanes.ts";

await load("4_report");
