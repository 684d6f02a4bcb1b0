import { load } from "../support/lanes.ts";

await load("1_app");
