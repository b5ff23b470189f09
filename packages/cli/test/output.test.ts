import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Column } from "../src/output/listing.ts";
import { toDurationText, toSecondsText } from "../src/output/instant-text.ts";
import { toPlainLine, toSafeLogLine } from "../src/output/plain-text.ts";
import { renderCsv } from "../src/output/render-csv.ts";
import { renderTable } from "../src/output/render-table.ts";
import { wantsColour } from "../src/session/session.ts";
import { CONTROLS, withoutColours } from "./support/terminal-text.ts";

type Row = readonly [string, number | null];
const columns: readonly Column<Row>[] = [
  { header: "NAME", text: ([name]) => name },
  { header: "N", text: ([, count]) => count, alignRight: true },
];

const anyText = fc
  .array(fc.oneof(fc.integer({ min: 0, max: 0xff }), fc.integer({ min: 0, max: 0xd7ff })), { maxLength: 20 })
  .map((points) => String.fromCodePoint(...points));

describe("a table", () => {
  test("has columns as wide as their widest cell, numbers to the right, and a dash for nothing", () => {
    const rows: readonly Row[] = [
      ["orders", 7],
      ["a", null],
    ];
    expect(renderTable(columns, rows, { hasColour: false })).toBe("NAME    N\norders  7\na       -\n");
  });

  test("counts the cells that a terminal uses, not code units", () => {
    const rows: readonly Row[] = [
      ["日本", 1],
      ["é🎉", 2],
      ["abcd", 3],
    ];
    expect(renderTable(columns, rows, { hasColour: false })).toBe("NAME  N\n日本  1\né🎉   2\nabcd  3\n");
  });

  test("is not torn apart by one very long cell, which is shown whole", () => {
    const long = "x".repeat(2_000);
    const rows: readonly Row[] = [
      ["a", 1],
      [long, 2],
    ];
    const [, short = "", wide = ""] = renderTable(columns, rows, { hasColour: false }).split("\n");
    expect(short).toBe(`a${" ".repeat(81)}1`);
    expect(wide).toBe(`${long}  2`);
  });

  test("stays aligned when it is coloured", () => {
    const toned = columns.map((column): Column<Row> => ({ ...column, tone: () => "bad" }));
    const plain = renderTable(toned, [["ab", 1]], { hasColour: false });
    const coloured = renderTable(toned, [["ab", 1]], { hasColour: true });
    expect(coloured).not.toBe(plain);
    expect(withoutColours(coloured)).toBe(plain);
  });
});

describe("text of others", () => {
  test("never moves the cursor, whatever it is", () => {
    fc.assert(
      fc.property(anyText, (text) => {
        expect(toPlainLine(text)).not.toMatch(CONTROLS);
      }),
    );
  });

  test("of a log keeps only colours, whatever it is", () => {
    const piece = fc.oneof(
      anyText,
      fc.constantFrom(
        "\u001B",
        "[",
        "]",
        "m",
        "\u001B[31m",
        "\u001B[2J",
        "\u001B]0;x\u0007",
        "\u009B",
        "\u001BP",
        "\u001B\\",
        "0;",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), fc.boolean(), (pieces, keepColours) => {
        const safe = toSafeLogLine(pieces.join(""), keepColours);
        const rest = keepColours ? withoutColours(safe) : safe;
        expect(rest).not.toMatch(CONTROLS);
      }),
      { numRuns: 2_000 },
    );
  });

  test("of a log is closed by a reset when it sets a colour", () => {
    expect(toSafeLogLine("a\u001B[1;31mb", true)).toBe("a\u001B[1;31mb\u001B[0m");
    expect(toSafeLogLine("plain", true)).toBe("plain");
  });
});

describe("CSV", () => {
  test("quotes what needs quoting", () => {
    expect(renderCsv(columns, [['a,"b"\nc', 1]])).toBe('name,n\n"a,""b""\nc",1\n');
  });

  test.each(["=1+1", "+1", "@x", "\tx", "-cmd"])("keeps a spreadsheet from running %j", (text) => {
    expect(renderCsv(columns, [[text, -1]])).toBe(`name,n\n'${text},-1\n`);
  });
});

test.each([
  [true, true, {}, true],
  [false, true, {}, false],
  [true, false, {}, false],
  [true, true, { NO_COLOR: "1" }, false],
  [true, true, { NO_COLOR: "" }, true],
  [false, true, { FORCE_COLOR: "1" }, true],
  [true, true, { FORCE_COLOR: "0" }, false],
  [true, true, { TERM: "dumb" }, false],
  [true, true, { CLICOLOR: "0" }, false],
])("on a terminal %j, with colour %j and %j colours are %j", (isTerminal, option, env, expected) => {
  expect(wantsColour(isTerminal, option, env)).toBe(expected);
});

test("times are shown to the second, lengths in their largest units", () => {
  expect(toSecondsText("2026-11-20T03:00:00.123456Z")).toBe("2026-11-20T03:00:00Z");
  expect([0.42, 12.4, 185, 7_800, null].map(toDurationText)).toEqual(["0.4s", "12s", "3m05s", "2h10m", null]);
});
