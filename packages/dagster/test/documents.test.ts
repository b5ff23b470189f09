import { readFile } from "node:fs/promises";
import path from "node:path";
import { buildSchema, Kind, parse, validate } from "graphql";
import { expect, test } from "vitest";
import * as instigators from "../src/documents/instigators.ts";
import * as jobs from "../src/documents/jobs.ts";
import * as locations from "../src/documents/locations.ts";
import * as logs from "../src/documents/logs.ts";
import * as runs from "../src/documents/runs.ts";
import * as server from "../src/documents/server.ts";

interface Text {
  readonly name: string;
  readonly text: string;
}

const isDocument = (value: unknown): value is Text =>
  typeof value === "object" && value !== null && "text" in value && "name" in value;

const hostile = { pipelineName: 'a"} ... { b', tags: [{ key: "k", value: 'quotes " and \\ and\nlines' }] };
const several = [{ runIds: ["x"] }, hostile, { statuses: [] }];
const documents: readonly Text[] = [
  ...[instigators, jobs, locations, logs, runs, server].flatMap((file) => Object.values(file).filter(isDocument)),
  runs.findRunsDocument(several),
  runs.findMembersDocument(several),
  runs.findStepsDocument(several),
];
const schema = buildSchema(await readFile(path.join(import.meta.dirname, "..", "schema.graphql"), "utf8"));

test.each(documents.map((document) => [document.name, document] as const))(
  "%s fits the schema of Dagster, and is called what it says",
  (name, { text }) => {
    const parsed = parse(text);
    expect(validate(schema, parsed).map(({ message }) => message)).toEqual([]);
    const [operation] = parsed.definitions;
    expect(operation?.kind === Kind.OPERATION_DEFINITION ? operation.name?.value : null).toBe(name);
  },
);

test("every document is looked at", () => {
  expect(documents.length).toBeGreaterThan(20);
  expect(new Set(documents.map(({ name }) => name)).size).toBe(documents.length);
});

test("a document that asks for what is not there is found", () => {
  expect(validate(schema, parse("query Wrong { instance { nothing } }"))).toHaveLength(1);
});
