import path from "node:path";
import { expect, test } from "vitest";
import { readFileSync, writeFileSync } from "node:fs";
import { createModuleCatalogue } from "../src/index.ts";

const GUIDE = path.resolve(import.meta.dirname, "../../../docs/guides/pipelines.md");
const PART = /<!-- modules -->\n[^]*<!-- \/modules -->/;

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll("\n", " ");

test("the guide lists every module as the catalogue has it", () => {
  const rows = createModuleCatalogue().modules.map(
    ({ name, type, description }) => `| \`${name}\` | ${type} | ${cell(description)} |\n`,
  );
  const guide = readFileSync(GUIDE, "utf8");
  const expected = guide.replace(PART, () => `<!-- modules -->\n${rows.join("")}<!-- /modules -->`);
  if (process.env["UPDATE_GUIDE"] === "1") writeFileSync(GUIDE, expected);
  expect(readFileSync(GUIDE, "utf8")).toBe(expected);
});
