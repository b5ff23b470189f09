import { ERROR_CATALOGUE } from "@airfleet/model";
import { describe, expect, test } from "vitest";
import { buildOpenApi, COMMON_ERRORS, ROUTES, type RouteDefinition } from "../src/index.ts";

const build = () => buildOpenApi({ version: "1.2.3", errorCatalogue: ERROR_CATALOGUE });
const document = build();
const text = JSON.stringify(document);
const routes: readonly (readonly [string, RouteDefinition])[] = Object.entries(ROUTES);

interface Operation {
  readonly operationId: string;
  readonly parameters?: readonly { readonly name: string; readonly in: string; readonly required?: boolean }[];
  readonly requestBody?: {
    readonly content: Readonly<Record<string, { readonly schema: { readonly $ref?: string } }>>;
  };
  readonly security?: readonly unknown[];
  readonly responses: Readonly<
    Record<string, { readonly content?: Readonly<Record<string, { readonly schema: unknown }>> }>
  >;
}
const operationOf = ({ path, method }: RouteDefinition): Operation =>
  document.paths[path]?.[method.toLowerCase()] as unknown as Operation;

const codesOf = (operation: Operation): Map<string, string> => {
  const codes = new Map<string, string>();
  for (const [status, response] of Object.entries(operation.responses)) {
    const schema = response.content?.["application/problem+json"]?.schema as
      | {
          readonly allOf: readonly [
            unknown,
            { readonly properties: { readonly code: { readonly enum: readonly string[] } } },
          ];
        }
      | undefined;
    for (const code of schema?.allOf[1].properties.code.enum ?? []) codes.set(code, status);
  }
  return codes;
};

describe("the OpenAPI document", () => {
  test("has an operation for every route and for nothing else", () => {
    const found = Object.values(document.paths).flatMap((path) =>
      Object.values(path).map(({ operationId }) => String(operationId)),
    );
    expect(found.toSorted()).toEqual(Object.keys(ROUTES).toSorted());
  });

  test("is the same each time it is built", () => {
    expect(JSON.stringify(build())).toBe(text);
  });

  test("refers to nothing that is not there, and keeps nothing that nobody refers to", () => {
    const refs = new Set([...text.matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name));
    expect([...refs].toSorted()).toEqual(Object.keys(document.components.schemas).toSorted());
    expect(text).not.toContain("$defs");
  });

  test("leaves out the patterns of dates and the bounds of JavaScript's integers", () => {
    expect(text).not.toContain(String(Number.MAX_SAFE_INTEGER));
    expect(text).toContain('"format":"date-time"');
    expect(text).not.toMatch(/"format":"date-time","pattern"/);
  });

  test("lets answers grow and refuses unknown fields of requests", () => {
    const { Action, DagPatch } = document.components.schemas;
    expect(Action).not.toHaveProperty("additionalProperties");
    expect(DagPatch).toMatchObject({ additionalProperties: false });
  });

  test.each(routes)("%s lists its own errors under their status", (_, route) => {
    const codes = codesOf(operationOf(route));
    for (const code of route.errors) expect(codes.get(code)).toBe(String(ERROR_CATALOGUE[code].status));
    const allowed = new Set<string>([...COMMON_ERRORS, ...route.errors]);
    expect([...codes.keys()].filter((code) => !allowed.has(code))).toEqual([]);
  });

  test.each(routes)("%s needs a token unless it is public", (_, route) => {
    expect(operationOf(route).security).toEqual(route.permission === "public" ? [] : undefined);
  });

  test.each(routes.filter(([, route]) => route.body !== undefined))("%s has a body with a name", (_, route) => {
    expect(operationOf(route).requestBody?.content["application/json"]?.schema.$ref).toMatch(
      /^#\/components\/schemas\//,
    );
  });

  test("holds the whole error catalogue and nothing else", () => {
    expect(document["x-errors"]).toEqual(
      Object.fromEntries(
        Object.entries(ERROR_CATALOGUE).map(([code, { status, retryable, message }]) => [
          code,
          { status, retryable, message },
        ]),
      ),
    );
  });

  test("describes a stream of lines as such", () => {
    expect(Object.keys(operationOf(ROUTES.readLog).responses["200"]?.content ?? {})).toEqual(["application/x-ndjson"]);
  });

  test("asks for If-Match where somebody else's change could be overwritten", () => {
    expect(operationOf(ROUTES.patchInstance).parameters).toContainEqual(
      expect.objectContaining({ name: "If-Match", in: "header", required: true }),
    );
  });
});
