import type { Client } from "@airfleet/sdk";
import type { Command } from "commander";
import type { Column } from "../output/listing.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";

type Module = Awaited<ReturnType<Client["getModule"]>>;
type ModuleType = Module["type"];

const inputsText = ({ input_schema: { inputs, named, least } }: Module): string =>
  named ? `${least} or more, named` : inputs.map(({ name, required }) => (required ? name : `${name}?`)).join(", ");

const columns: readonly Column<Module>[] = [
  { header: "NAME", text: (row) => row.name },
  { header: "TITLE", text: (row) => row.display_name },
  { header: "TYPE", text: (row) => row.type },
  { header: "CATEGORY", text: (row) => row.category },
  { header: "SOURCE", text: (row) => row.source },
  { header: "INPUTS", text: inputsText },
  { header: "USED BY", text: (row) => row.usage_count, alignRight: true },
  { header: "DESCRIPTION", text: (row) => row.description, isWide: true },
];

interface Field {
  readonly field: string;
  readonly title: string;
  readonly type: string;
  readonly default: string;
  readonly description: string;
}

const shown = (value: unknown): string =>
  value === undefined ? "" : typeof value === "string" ? value : JSON.stringify(value);

const fieldsOf = ({ config_schema: schema }: Module): readonly Field[] => {
  const { properties = {}, required = [] } = schema as {
    readonly properties?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
    readonly required?: readonly string[];
  };
  return Object.entries(properties).map(([field, property]) => ({
    field: required.includes(field) ? `${field} *` : field,
    title: shown(property["title"]),
    type: Array.isArray(property["enum"]) ? property["enum"].join(" | ") : shown(property["type"]),
    default: property["default"] === undefined ? "" : JSON.stringify(property["default"]),
    description: shown(property["description"]),
  }));
};

const fieldColumns: readonly Column<Field>[] = [
  { header: "FIELD", text: (row) => row.field },
  { header: "TITLE", text: (row) => row.title },
  { header: "TYPE", text: (row) => row.type },
  { header: "DEFAULT", text: (row) => row.default },
  { header: "DESCRIPTION", text: (row) => row.description },
];

interface ListOptions {
  readonly type?: string;
  readonly category?: string;
  readonly search?: string;
}

const list = act<ListOptions>(async ({ session, options: { type, category, search } }) => {
  const { items, refused } = await session.client.listModules({
    query: {
      ...(type === undefined ? {} : { type: type as ModuleType }),
      ...(category === undefined ? {} : { category }),
      ...(search === undefined ? {} : { search }),
    },
  });
  await session.output.list({ columns, rows: items, nameOf: (row) => row.name });
  for (const { file, reason } of refused) session.output.warn(`${file} is no module: ${reason}`);
});

const show = act(async ({ session, args: [module = ""] }) => {
  const found = await session.client.getModule({ params: { module } });
  if (session.output.format !== "table" && session.output.format !== "wide") {
    await session.output.show(found, [], found.name);
    return;
  }
  const fields = columns.map((column) => ({ ...column, isWide: false }));
  await session.output.show(found, fields, found.name);
  session.output.text("\n");
  await session.output.list({ columns: fieldColumns, rows: fieldsOf(found), nameOf: (row) => row.field });
});

const reload = act(async ({ session }) => {
  const { modules, own, refused } = await session.client.reloadModules({});
  for (const { file, reason } of refused) session.output.warn(`${file} is no module: ${reason}`);
  session.output.note(`${modules} modules; of your own: ${own.length === 0 ? "none" : own.join(", ")}.`);
});

/** `airfleet modules …` */
export const addModuleCommands = (program: Command): void => {
  const noun = addNoun(program, "modules", "Modules: what a node of a pipeline can be");
  noun
    .command("list")
    .description("List modules, those of your own too")
    .option("--type <type>", "extractor, transformer, loader or control")
    .option("--category <category>", "files, databases, rows, columns …")
    .option("--search <text>", "part of the name or description")
    .addHelpText("after", examples("modules list", "modules list --type extractor"))
    .action(list);
  noun
    .command("show <module>")
    .description("Show a module and the fields of its config; * is needed")
    .addHelpText("after", examples("modules show csv-extractor", "modules show join -o json"))
    .action(show);
  noun
    .command("reload")
    .description("Read the folders of modules.paths again")
    .addHelpText("after", examples("modules reload"))
    .action(reload);
};
