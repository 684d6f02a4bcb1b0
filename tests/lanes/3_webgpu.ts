import { load } from "../support/lanes.ts";

await load("3_webgpu");
