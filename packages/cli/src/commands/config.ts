import type { Command } from "commander";
import { toExitCode } from "../failure/exit-codes.ts";
import { describeFailure } from "../failure/describe-failure.ts";
import { addServeOptions } from "../program/configuration-options.ts";
import { addNoun, examples } from "../program/noun.ts";
import { act } from "../session/act.ts";
import { type ConfigurationOptions, toConfigurationSource } from "../session/configuration-source.ts";

/** Values are explained as text; numbers, lists and switches are shown as what they are. */
const toValue = (text: string): unknown =>
  /^(-?\d+|true|false|null|\[.*\]|\{.*\})$/s.test(text) ? JSON.parse(text) : text;

/** Sets a value deep inside: `a.b` of an object. Names like __proto__ stay plain keys. */
const place = (target: Record<string, unknown>, key: readonly string[], value: unknown): void => {
  const [name = "", ...rest] = key;
  if (rest.length === 0) {
    Object.defineProperty(target, name, { value, enumerable: true, writable: true, configurable: true });
    return;
  }
  if (!Object.hasOwn(target, name)) place(target, [name], {});
  const inner = target[name];
  if (typeof inner === "object" && inner !== null) place(inner as Record<string, unknown>, rest, value);
};

const show = act<ConfigurationOptions>(async ({ session, options }) => {
  const { describeConfiguration } = await import("@airfleet/server/local");
  const { values, warnings } = await describeConfiguration(toConfigurationSource(options));
  for (const warning of warnings) session.output.note(`airfleet: ${warning}`);
  const tree: Record<string, unknown> = {};
  for (const { key, value } of values) place(tree, key.split("."), toValue(value));
  if (["table", "wide", "yaml"].includes(session.output.format)) {
    const { stringify } = await import("yaml");
    session.output.text(stringify(tree, { lineWidth: 0 }));
    return;
  }
  await session.output.show(
    tree,
    values.map(({ key, value }) => ({ header: key, text: () => value })),
    "airfleet.yaml",
  );
});

const explain = act<ConfigurationOptions>(async ({ session, options, args: [wanted] }) => {
  const { describeConfiguration } = await import("@airfleet/server/local");
  const { values, warnings } = await describeConfiguration(toConfigurationSource(options));
  for (const warning of warnings) session.output.note(`airfleet: ${warning}`);
  const rows = values.filter(({ key }) => wanted === undefined || key === wanted || key.startsWith(`${wanted}.`));
  await session.output.list({
    columns: [
      { header: "KEY", text: (row) => row.key },
      { header: "VALUE", text: (row) => row.value },
      { header: "SOURCE", text: (row) => row.source },
    ],
    rows,
    nameOf: (row) => row.key,
  });
});

interface Mistake {
  readonly place: string;
  readonly message: string;
}

const validate = act<ConfigurationOptions>(async ({ session, options }) => {
  const { describeConfiguration } = await import("@airfleet/server/local");
  const columns = [
    { header: "PLACE", text: (row: Mistake) => row.place },
    { header: "MISTAKE", text: (row: Mistake) => row.message },
  ];
  try {
    const { instances, warnings } = await describeConfiguration(toConfigurationSource(options));
    for (const warning of warnings) session.output.warn(`airfleet: ${warning}`);
    if (["table", "wide"].includes(session.output.format)) session.output.text(`Valid: ${instances} instances.\n`);
    else await session.output.list<Mistake>({ columns, rows: [], nameOf: (row) => row.place });
    return 0;
  } catch (error) {
    const { code, message, findings } = error as {
      code?: string;
      message: string;
      findings?: readonly { pointer: string; message: string }[];
    };
    if (findings === undefined || findings.length === 0) throw error;
    const rows = findings.map((finding): Mistake => ({ place: finding.pointer, message: finding.message }));
    await session.output.list({ columns, rows, nameOf: (row) => row.place });
    session.output.warn(`airfleet: ${code ?? "CONFIG_FILE_INVALID"}: ${message}`);
    return code === undefined ? describeFailure(error).exitCode : toExitCode(code);
  }
});

const schema = act(async ({ session }) => {
  const { describeConfigurationFile } = await import("@airfleet/server/local");
  const described = await describeConfigurationFile();
  if (session.output.format === "yaml") await session.output.show(described, [], "airfleet.yaml");
  else session.output.text(`${JSON.stringify(described, null, 2)}\n`);
});

/** `airfleet config …` */
export const addConfigCommands = (program: Command): void => {
  const noun = addNoun(
    program,
    "config",
    "The configuration of this directory: flags, environment, airfleet.yaml, config/clients.json",
  );
  const readers = [
    noun
      .command("show")
      .description("Print the configuration in force; secrets are hidden")
      .addHelpText("after", examples("config show", "config show --config fleet.yaml --json"))
      .action(show),
    noun
      .command("explain [key]")
      .description("Print each value with its source: flag, variable, file:line:column, or default")
      .addHelpText("after", examples("config explain", "config explain server.port", "config explain instances"))
      .action(explain),
    noun
      .command("validate")
      .description("Check the configuration files; every mistake with file, line and column")
      .addHelpText("after", examples("config validate", "config validate --config fleet.yaml -o jsonl"))
      .action(validate),
  ];
  for (const reader of readers) addServeOptions(reader);
  noun
    .command("schema")
    .description("Print the JSON Schema of airfleet.yaml, for editors")
    .addHelpText("after", examples("config schema > airfleet.schema.json"))
    .action(schema);
};
