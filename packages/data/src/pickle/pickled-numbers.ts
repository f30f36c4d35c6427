import { PickleWriter } from "./pickle-writer.ts";

/**
 * The pickle of a dictionary from 0, 1, 2 … to numbers.
 *
 * @param numbers - The value of each key, from 0 to 2³¹ - 1.
 */
export function pickledNumbers(numbers: Int32Array): Uint8Array {
  const pickle = new PickleWriter();
  pickle.codes(0x80, 2, 0x7d, 0x28); // PROTO 2, EMPTY_DICT, MARK
  for (const [key, value] of numbers.entries()) {
    pickle.integer(key);
    pickle.integer(value);
  }
  pickle.codes(0x75, 0x2e); // SETITEMS, STOP
  return pickle.take();
}
