import { describe, expect, test } from "vitest";
import { createModuleCatalogue, describeModule } from "../src/index.ts";
import { FIELD_NOTES } from "../src/modules/field-notes.ts";

interface FieldSchema {
  readonly type?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
}
type FieldSchemas = Readonly<Record<string, FieldSchema>>;

const described = createModuleCatalogue().modules.map((module) => describeModule(module));
const fields = described.flatMap(({ name, configSchema }) =>
  Object.entries((configSchema["properties"] ?? {}) as FieldSchemas).map(([field, schema]) => ({
    name,
    field,
    schema,
  })),
);

describe("the settings of modules", () => {
  test("are many enough that what follows means something", () => {
    expect(described.length).toBeGreaterThan(30);
    expect(fields.length).toBeGreaterThan(120);
  });

  test.each(fields)("$name.$field has a title, says what it is, and shows a value", ({ schema }) => {
    expect(schema).toMatchObject({ title: expect.stringMatching(/./), description: expect.stringMatching(/\.$/) });
    const shows = ["default", "examples", "enum"].some((key) => key in schema) || schema.type === "boolean";
    expect(shows).toBe(true);
  });

  test("have no note that no field has", () => {
    const known = new Set(fields.flatMap(({ name, field }) => [field, `${name}.${field}`]));
    expect(Object.keys(FIELD_NOTES).filter((key) => !known.has(key))).toEqual([]);
  });

  test.each(described)(
    "of $name take their defaults, and their examples, as they are shown",
    ({ name, configSchema }) => {
      const module = createModuleCatalogue().modules.find((one) => one.name === name);
      const properties = Object.entries((configSchema["properties"] ?? {}) as FieldSchemas);
      const shown = properties.flatMap(([field, { default: usual, examples }]) =>
        usual === undefined && examples === undefined ? [] : [[field, usual ?? examples?.[0]] as const],
      );
      const { error } = module!.config.safeParse(Object.fromEntries(shown));
      // Which fields go together is the module's business; each by itself has to be accepted.
      expect(error?.issues.filter(({ code }) => code !== "custom") ?? []).toEqual([]);
    },
  );
});
