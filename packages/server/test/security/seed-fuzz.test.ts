import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SEED_ROUTES } from "../../src/compat/multi-client/surface.ts";
import { createFakeControl, instanceOf } from "../support/fake-control.ts";
import { serveForTest, type TestServer } from "../support/serve.ts";

let server: TestServer;
beforeAll(async () => {
  server = await serveForTest(createFakeControl({ instances: [instanceOf("client1", { source: "stored" })] }).control);
});
afterAll(() => server.running.close());

/** Texts that break parsers, paths and headers sooner than random ones do. */
const nasty = fc.oneof(
  fc.constantFrom(
    "..",
    "../..",
    "%",
    "a/b",
    "a?b#c",
    "\u0000",
    "\r\n",
    "__proto__",
    "constructor",
    "${x}",
    "💥",
    "-1",
    "1e999",
    "NaN",
    "null",
    "[]",
    "{}",
    " ",
    "a".repeat(400),
  ),
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.string({ maxLength: 40 }),
);
/** Dot segments alone never leave a client: URL parsers resolve them before sending. */
const segment = nasty.filter((text) => text.isWellFormed() && !["", ".", ".."].includes(text)).map(encodeURIComponent);
const query = fc.dictionary(
  fc.constantFrom(
    "limit",
    "cursor",
    "instance",
    "clients",
    "strict",
    "state",
    "paused",
    "confirm",
    "kind",
    "since",
    "x",
  ),
  nasty,
);
const body = fc.oneof(
  fc.jsonValue(),
  fc.dictionary(
    fc.constantFrom(
      "is_paused",
      "conf",
      "logical_date",
      "state",
      "new_state",
      "id",
      "url",
      "auth",
      "name",
      "role",
      "instances",
      "value",
      "task_ids",
      "dry_run",
      "__proto__",
    ),
    fc.jsonValue(),
  ),
);

const toQuery = (values: Readonly<Record<string, string>>): string =>
  new URLSearchParams(Object.entries(values).filter(([, value]) => value.isWellFormed())).toString();

const pathWith = (template: string, segments: readonly string[]): string => {
  let index = 0;
  return template.replaceAll(/\{[a-z_]+\}|:[a-z_]+/g, () => {
    index += 1;
    return segments[index % segments.length] ?? "x";
  });
};

const RUNS = 60;
/** The same requests in every run; another number tries others. */
const SEED = 20_261_121;

describe("whatever is sent to the seed's routes, the answer has a documented status and form", () => {
  test.each(SEED_ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    "%s",
    async (_name, route) => {
      await fc.assert(
        fc.asyncProperty(
          fc.array(segment, { minLength: 4, maxLength: 4 }),
          query,
          body,
          async (segments, values, sent) => {
            const path = `${pathWith(route.path, segments)}?${toQuery(values)}`;
            const answer = await server.send(
              route.method,
              path,
              route.method === "GET" ? undefined : JSON.stringify(sent),
            );
            const text = await answer.text();
            expect([200, 207, 400, 404]).toContain(answer.status);
            expect(answer.status < 400 || typeof (JSON.parse(text) as { error: unknown }).error === "string").toBe(
              true,
            );
          },
        ),
        { numRuns: RUNS, seed: SEED },
      );
    },
  );
});
