import type { LogLine } from "@airfleet/model";
import type { LogChunk } from "@airfleet/store";
import { toRunKey } from "@airfleet/model";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lastLines, skipLines } from "../../src/logs/line-window.ts";
import { packLog, unpackChunk } from "../../src/logs/pack-log.ts";
import { readArchivedLog } from "../../src/logs/read-archived-log.ts";

async function* flowing(lines: Iterable<LogLine>): AsyncGenerator<LogLine> {
  yield* lines;
}
const line = (text: string): LogLine => ({ at: "2026-11-20T03:00:00Z", level: "info", source: "task", text });
const numbered = (count: number): LogLine[] => Array.from({ length: count }, (_, index) => line(`line ${index}`));

/** An archive with this log alone. */
const archiveOf = (chunks: readonly LogChunk[]) => ({
  readChunk: async (_id: string, from: number) => chunks.find((chunk) => chunk.firstLine + chunk.lines > from),
});
const metaOf = (chunks: readonly LogChunk[], omittedLines: number) => ({
  id: "log_1",
  run: toRunKey("run_1"),
  taskId: "t",
  mapIndex: -1,
  tryNumber: 1,
  lines: chunks.reduce((sum, { lines }) => sum + lines, 0),
  sizeBytes: 0,
  omittedLines,
  archivedAt: 0,
});

describe("packLog", () => {
  it("gives back every line of a log that fits, whatever stands in it", async () => {
    const anyLine = fc.record({
      at: fc.constantFrom(null, "2026-11-20T03:00:00.123456Z"),
      level: fc.constantFrom(null, "info" as const, "error" as const),
      source: fc.option(fc.string()),
      text: fc.oneof(fc.string(), fc.string({ unit: "grapheme" }), fc.constant("\u0000\u001B[31m\n\r\u2028")),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(anyLine, { maxLength: 200 }), async (lines) => {
        const { chunks, omittedLines } = await packLog(flowing(lines), 1_000_000);
        const back = await Promise.all(chunks.map(unpackChunk));
        expect([back.flat(), omittedLines]).toEqual([lines, 0]);
      }),
      { numRuns: 30 },
    );
  });

  it("holds of each chunk the bytes that it has, whatever the compressor wrote them into", async () => {
    const { chunks } = await packLog(flowing(numbered(20_000)), 100_000_000);
    expect(chunks.length).toBeGreaterThan(3);
    for (const { body } of chunks) expect(body.buffer.byteLength).toBe(body.byteLength);
  });

  it("gives back lines that are longer than a chunk", async () => {
    const texts = ["short", "é".repeat(700_000), "", "x".repeat(300_000), "end"];
    const { chunks } = await packLog(flowing(texts.map(line)), 100_000_000);
    const back = (await Promise.all(chunks.map(unpackChunk))).flat();
    expect(back.map(({ text }) => text)).toEqual(texts);
  });

  it("keeps the beginning and the end of a log that is too long, and counts the rest", async () => {
    const { chunks, omittedLines, sizeBytes } = await packLog(flowing(numbered(20_000)), 100_000);
    const texts = (await Promise.all(chunks.map(unpackChunk))).flat().map(({ text }) => text);
    expect(texts[0]).toBe("line 0");
    expect(texts.at(-1)).toBe("line 19999");
    expect(texts.length + omittedLines).toBe(20_000);
    expect(sizeBytes).toBeGreaterThan(60_000);
    expect(sizeBytes).toBeLessThanOrEqual(100_000);
  });

  it("keeps the end of a log of one endless line after the other", async () => {
    const long = Array.from({ length: 50 }, (_, index) => line(`${index} ${"x".repeat(100_000)}`));
    const { chunks, omittedLines } = await packLog(flowing(long), 200_000);
    const texts = (await Promise.all(chunks.map(unpackChunk))).flat().map(({ text }) => text.split(" ", 1)[0]);
    expect(texts.at(-1)).toBe("49");
    expect(omittedLines).toBe(50 - texts.length);
  });
});

describe("readArchivedLog", () => {
  it("reads from any line on, and says where lines are left out", async () => {
    const { chunks, omittedLines } = await packLog(flowing(numbered(20_000)), 100_000);
    const read = async (offset: number) =>
      Array.fromAsync(readArchivedLog(archiveOf(chunks), metaOf(chunks, omittedLines), offset));
    const whole = await read(0);
    expect(whole.length).toBe(20_000 - omittedLines + 1);
    expect(whole.filter(({ source }) => source === "airfleet").map(({ text }) => text)).toEqual([
      `… ${omittedLines} lines are left out here: the archive keeps the beginning and the end of a long log …`,
    ]);
    expect((await read(10))[0]?.text).toBe("line 10");
    expect((await read(19_990)).map(({ text }) => text)).toEqual(
      numbered(20_000)
        .slice(19_990)
        .map(({ text }) => text),
    );
    expect(await read(20_000)).toEqual([]);
  });

  it("breaks off visibly when the log is dropped while it is read", async () => {
    const { chunks } = await packLog(flowing(numbered(5_000)), 10_000_000);
    const half = archiveOf(chunks.slice(0, 1));
    await expect(Array.fromAsync(readArchivedLog(half, metaOf(chunks, 5_000)))).rejects.toMatchObject({
      code: "LOG_UNAVAILABLE",
    });
  });
});

describe("skipLines and lastLines", () => {
  it.each([
    [0, 5],
    [3, 2],
    [9, 0],
  ])("leaves out %i of 5", async (count, left) => {
    expect(await Array.fromAsync(skipLines(flowing(numbered(5)), count))).toHaveLength(left);
  });

  it("gives the last lines of a log of any length", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(300), fc.integer({ min: 1, max: 50 }), async (length, count) => {
        const lines = numbered(length);
        expect(await Array.fromAsync(lastLines(flowing(lines), count))).toEqual(lines.slice(-count));
      }),
    );
  });
});
