import { load } from "../support/lanes.ts";

await load("2_app_training");
