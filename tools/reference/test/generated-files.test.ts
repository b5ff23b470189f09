import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import path from "node:path";
import { promisify } from "node:util";
import { ERROR_CATALOGUE } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { GENERATED_FILES } from "../src/generated-files.ts";

const ROOT = path.resolve(import.meta.dirname, "../../..");
const read = (file: string): string => readFileSync(path.join(ROOT, file), "utf8");

describe("generated files", () => {
  test.each(Object.entries(GENERATED_FILES))("%s is what would be generated now", async (file, render) => {
    // When this fails: npm run generate -w tools/reference
    expect(read(file)).toBe(await render());
  });

  test("the error page has every code of the catalogue and no other", () => {
    const codes = [...read("docs/reference/errors.md").matchAll(/^\| `([A-Z_]+)` \| (\d+) /gm)];
    expect(codes.map(([, code, status]) => [code, Number(status)])).toEqual(
      Object.entries(ERROR_CATALOGUE)
        .map(([code, { status }]) => [code, status])
        .toSorted(([a], [b]) => (String(a) < String(b) ? -1 : 1)),
    );
  });

  test("the OpenAPI document lints without an error or a warning", async () => {
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      [
        path.join(ROOT, "node_modules/@redocly/cli/bin/cli.js"),
        "lint",
        "docs/reference/openapi.json",
        "--max-problems=20",
      ],
      // Offline: neither telemetry nor a look for a newer version.
      {
        cwd: ROOT,
        env: { ...process.env, REDOCLY_TELEMETRY: "off", REDOCLY_SUPPRESS_UPDATE_NOTICE: "true", CI: "true" },
      },
    );
    expect(stdout + stderr).toContain("Your API description is valid.");
    expect(stdout + stderr).not.toMatch(/You have \d+ warning/);
  }, 60_000);
});
