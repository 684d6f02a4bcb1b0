import type { Format } from "../format.ts";
import { TrackerError } from "../model.ts";
import { Events } from "./events.ts";
import { Frames, HEADER_BYTES, lengthAt } from "./frames.ts";
import { WireError } from "./wire.ts";

/** Key of `wall_time`, a double in field 1: every event begins with it. */
const WALL_TIME = 0x09;

/** Event files of TensorBoard, as TensorFlow, PyTorch's SummaryWriter and Keras write them. */
export const tensorboard: Format = {
  name: "tensorboard",
  label: "TensorBoard event file",
  isGeneral: false,
  recognise: (head) =>
    head.length > HEADER_BYTES && lengthAt(head, 0) !== null && head[HEADER_BYTES] === WALL_TIME,
  parser(output) {
    const events = new Events(output);
    const frames = new Frames(output, (bytes, from, to) => {
      try {
        events.read(bytes, from, to);
      } catch (error) {
        if (!(error instanceof WireError)) throw error;
        throw new TrackerError(`Cannot read ${output.path}: a record in it is no event (${error.message})`);
      }
    });
    return frames;
  },
};
