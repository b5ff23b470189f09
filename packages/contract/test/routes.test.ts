import { ERROR_CATALOGUE } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { z } from "zod";
import { COMMON_ERRORS, PERMISSIONS, type RouteDefinition, ROUTES } from "../src/index.ts";

const routes: readonly (readonly [string, RouteDefinition])[] = Object.entries(ROUTES);
const namesIn = (path: string): readonly (string | undefined)[] =>
  [...path.matchAll(/\{([a-z_]+)\}/g)].map(([, name]) => name);
const keysOf = (schema: z.ZodType | undefined): readonly string[] =>
  schema instanceof z.ZodObject ? Object.keys(schema.shape) : [];

/** POST because they cost something, or because what they ask for does not fit a query. */
const READING: ReadonlySet<string> = new Set([
  "probeInstance",
  "verifyAudit",
  "lookupSubjects",
  "matchSubjectRules",
  "previewRetention",
  "validatePipeline",
  "validatePipelineConfig",
  "checkConnection",
  "monitorExecution",
]);

/** Publishers put into their messages what they like. */
const TAKES_ALL: ReadonlySet<string> = new Set(["postReports", "postSourceReports", "callPipelineWebhook"]);

describe("the routes", () => {
  test("are many enough that what follows means something", () => {
    expect(routes.length).toBeGreaterThan(30);
  });

  test("have ids that are unique and the names they are listed under", () => {
    expect(routes.map(([, { id }]) => id)).toEqual(routes.map(([name]) => name));
  });

  test("have a method and path of their own each", () => {
    const addresses = routes.map(([, { method, path }]) => `${method} ${path.replaceAll(/\{[^}]+\}/g, "{}")}`);
    expect(new Set(addresses).size).toBe(addresses.length);
  });

  test.each(routes)("%s has path parameters for exactly the names in its path", (_, route) => {
    expect(new Set<string | undefined>(keysOf(route.params))).toEqual(new Set(namesIn(route.path)));
  });

  test.each(routes)("%s has a permission that exists", (_, { permission }) => {
    expect([...PERMISSIONS, "public"]).toContain(permission);
  });

  test.each(routes)("%s names errors that exist, each once, and none that every route has", (_, { errors }) => {
    for (const code of errors) expect(Object.keys(ERROR_CATALOGUE)).toContain(code);
    expect(new Set(errors).size).toBe(errors.length);
    // TOKEN_UNKNOWN is both: nobody's token, and a token id that is not there.
    const common: readonly string[] = COMMON_ERRORS.filter((code) => code !== "TOKEN_UNKNOWN");
    expect(errors.filter((code) => common.includes(code))).toEqual([]);
  });

  test.each(routes)(
    "%s has examples that its own schemas accept",
    (_, { example = {}, params, query, body, response }) => {
      const parts = { params, query, body, response };
      for (const [part, value] of Object.entries(example)) {
        const schema = parts[part as keyof typeof parts];
        expect(schema?.safeParse(value)).toMatchObject({ success: true });
      }
    },
  );

  test.each(routes.filter(([, route]) => route.method !== "GET" && route.permission !== "public"))(
    "%s is audited when it changes something",
    (name, { audited }) => {
      expect(audited === true).toBe(!READING.has(name));
    },
  );

  test.each(routes.filter(([, route]) => route.confirm === "production"))(
    "%s can be given the confirmation it asks for",
    (_, { body, query, errors }) => {
      expect([...keysOf(body), ...keysOf(query)]).toContain("confirm");
      expect(errors).toContain("CONFIRMATION_NEEDED");
    },
  );

  test.each(routes)("%s refuses fields and query parameters it does not know", (name, route) => {
    for (const part of ["params", "query", "body"] as const) {
      const { [part]: schema, example } = route;
      if (schema === undefined || (part === "body" && TAKES_ALL.has(name))) continue;
      const result = schema.safeParse({ ...(example?.[part] as object | undefined), surprise: "1" });
      expect(result.error?.issues.some(({ code }) => code === "unrecognized_keys")).toBe(true);
    }
  });
});
