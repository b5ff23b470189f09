import type { LogLine } from "@airfleet/model";

/** Leaves out the first lines. */
export async function* skipLines(lines: AsyncIterable<LogLine>, count: number): AsyncGenerator<LogLine> {
  let left = count;
  for await (const line of lines) {
    if (left > 0) left -= 1;
    else yield line;
  }
}

/** Only the last lines; nothing comes before all has been read. */
export async function* lastLines(lines: AsyncIterable<LogLine>, count: number): AsyncGenerator<LogLine> {
  let ring: LogLine[] = [];
  for await (const line of lines) {
    ring.push(line);
    // Cut now and then: shifting one line for each that comes would cost as much as all of them each time.
    if (ring.length >= 2 * count) ring = ring.slice(-count);
  }
  yield* ring.slice(-count);
}
